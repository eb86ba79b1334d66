"""Power at the reach that is stated of tables with ties, zeros, categories, gaps, and all of them.

    PYTHONPATH=benchmarks python benchmarks/calibration/reached.py RECORD [MINUTES [LAW [POOLS]]]

For each of five pools of a law the reach is measured, at 60 rows a side; then ten fresh pairs, of which one side is
drawn from the law with that defect: 2,000 rows of the law with every mean raised by so much (`Cells.perturb`), and of
these 60 at random. Level 0.05, 999 relabelings, as many as a verdict has: with 199 the smallest of nine ranks is too
coarse, and power is 0.02 to 0.06 less. Stated is 0.8.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.stats import binomtest

from calibration.record import Measured, Record
from simulacra.comparison.two_samples import compare
from simulacra.core.progress import Progress
from simulacra.core.samples import Array, Column, Samples
from simulacra.judging.base import rows_of
from simulacra.judging.examine import measure_reach
from simulacra.statistics.tables.cells import Cells

POOLS, PAIRS, EACH, LARGE = 5, 10, 60, 2000
WARDS = ("east", "north", "south", "west")


def _latent(n: int, rng: np.random.Generator) -> Array:
    """Three normal numbers with correlations of 0.4."""
    return rng.normal(size=(n, 3)) @ np.linalg.cholesky(0.4 + 0.6 * np.eye(3)).T


def ties(n: int, rng: np.random.Generator) -> Samples:
    """Ages in whole years, a value of one decimal, and a count."""
    z = _latent(n, rng)
    cells = np.column_stack([np.round(60 + 15 * z[:, 0]), np.round(5 + z[:, 1], 1), rng.poisson(np.exp(0.5 * z[:, 2]))])
    return Samples.of(cells.astype(float), "table", columns=[Column("age"), Column("potassium"), Column("visits")])


def zeros(n: int, rng: np.random.Generator) -> Samples:
    """Amounts, half of which are 0, and the others skewed."""
    z = _latent(n, rng)
    cells = np.where(rng.random((n, 3)) < 0.5, 0.0, np.exp(0.7 * z))
    return Samples.of(cells, "table", columns=[Column(name) for name in ("dose", "income", "rain")])


def categories(n: int, rng: np.random.Generator) -> Samples:
    """Two categories of two and four levels, beside a number that goes with them."""
    z = _latent(n, rng)
    ward = np.digitize(z[:, 1], [-0.5, 0.4, 1.2]).astype(float)
    cells = np.column_stack([z[:, 0], (z[:, 2] > 0.5).astype(float), ward])
    columns = [Column("score"), Column("smokes", levels=("no", "yes")), Column("ward", levels=WARDS)]
    return Samples.of(cells, "table", columns=columns)


def gaps(n: int, rng: np.random.Generator) -> Samples:
    """Three numbers; two have gaps, the likelier the larger the first is."""
    z = _latent(n, rng)
    for j in (1, 2):
        z[rng.random(n) < 0.2 + 0.4 * (z[:, 0] > 0.5), j] = np.nan
    columns = [Column("age"), *(Column(name, gaps=True) for name in ("sodium", "urea"))]
    return Samples.of(z, "table", columns=columns)


def everything(n: int, rng: np.random.Generator) -> Samples:
    """One column of each sort."""
    parts = [ties(n, rng), zeros(n, rng), categories(n, rng), gaps(n, rng)]
    picked = [(0, 0), (0, 2), (1, 0), (2, 2), (3, 1)]
    cells = np.column_stack([parts[i].array[:, j] for i, j in picked])
    return Samples.of(cells, "table", columns=[parts[i].columns[j] for i, j in picked])


LAWS: dict[str, Callable[[int, np.random.Generator], Samples]] = {
    "ties": ties,
    "zeros": zeros,
    "categories": categories,
    "gaps": gaps,
    "all in one table": everything,
}


def block(law: str, pool: int) -> Measured:
    """The reach by one pool, and whether each of ten fresh pairs is told at it."""
    rng, statistic = np.random.default_rng([347, list(LAWS).index(law), pool]), Cells()
    reach = measure_reach("cells", statistic, LAWS[law](4 * EACH, rng), (EACH, EACH), {}, (), 0.05, pool)
    if reach.amount is None:
        return {"reach": {"amount": []}}
    changed = statistic.perturb(LAWS[law](LARGE, rng), reach.amount)
    found = []
    for _ in range(PAIRS):
        sides = (changed[rng.choice(LARGE, EACH, replace=False)], LAWS[law](EACH, rng))
        a, b = (rows_of(statistic, "cells", x, {}, ()) for x in sides)
        found.append(compare(a, b, rng, 999).p)
    return {"reach": {"amount": [reach.amount]}, "p": {"at it": found}}


def main(record: Record, only: str = "", pools: int = POOLS) -> None:
    """What is wanting, pool after pool of all laws (or of one), and a line a law."""
    todo = [(law, pool) for pool in range(pools) for law in LAWS if law.startswith(only)]
    with Progress("power at the reach", len(todo)) as progress:
        for law, pool in todo:
            record.keep(("reached", law), pool, lambda at=(law, pool): block(*at))  # type: ignore[misc]
            progress.step(1, law)
    print("| table | reach stated | power there | pairs |\n| --- | --- | --- | --- |")
    for law in LAWS:
        stated = record.values(("reached", law), "reach").get("amount", [])
        p = np.array(record.values(("reached", law), "p").get("at it", []))
        if len(p):
            count = int((p <= 0.05 + 1e-9).sum())
            low, high = binomtest(count, len(p)).proportion_ci(method="exact")
            print(
                f"| {law} | {min(stated):.2f} to {max(stated):.2f} | {count / len(p):.2f} ({low:.2f}–{high:.2f}) "
                f"| {len(p)} |"
            )


if __name__ == "__main__":
    limit = float(sys.argv[2]) if len(sys.argv) > 2 else float("inf")
    main(Record(Path(sys.argv[1]), limit), " ".join(sys.argv[3:4]), int(sys.argv[4]) if len(sys.argv) > 4 else POOLS)
