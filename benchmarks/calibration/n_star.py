"""How often the stated interval of n* holds the true one: Hotelling's test, whose n* is known, and the nine views.

    PYTHONPATH=benchmarks python benchmarks/calibration/n_star.py RECORD [MINUTES]

Normal samples, shifted along one axis. Of the nine views the true n* is found by 100 fresh pairs at each of six sizes,
through which a probit in √n is laid.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
from scipy.stats import binomtest

from calibration.record import Measured, Record
from calibration.wide import rows
from simulacra.comparison.hotelling import half_rejected, hotelling
from simulacra.comparison.rows import Rows
from simulacra.comparison.usable import PERMUTATIONS, all_views, find_usable
from simulacra.core.progress import Progress

KNOWN = ((4000, 1, 0.3), (2000, 3, 0.4), (1000, 10, 0.5))
"""Samples a side, features, shift in standard deviations."""
VIEWED = (800, 3, 0.7)
SIZES, PAIRS, BLOCK = (20, 30, 40, 55, 75, 100), 100, 10
NONE = -1.0


def pair(n: int, k: int, apart: float, rng: np.random.Generator) -> tuple[Rows, Rows]:
    """Two sets, the first shifted along the first axis."""
    x, y = rng.normal(size=(2, n, k))
    x[:, 0] += apart
    return rows(x), rows(y)


def found(case: tuple[int, int, float], number: int, views: bool) -> Measured:
    """n* and its interval of so many pairs of sets."""
    out: dict[str, list[float]] = {"n": [], "low": [], "high": []}
    for repeat in range(BLOCK * number, BLOCK * (number + 1)):
        rng = np.random.default_rng([347, views, case[0], repeat])
        one = find_usable(*pair(*case, rng), rng, test=all_views if views else hotelling)
        for key, value in (("n", one.n_star), ("low", one.low), ("high", one.high)):
            out[key].append(NONE if value is None else float(value))
    return {"n": out}


def power(n: int, number: int) -> Measured:
    """Whether the nine views tell fresh pairs of n."""
    p = []
    for repeat in range(PAIRS):
        rng = np.random.default_rng([349, n, number, repeat])
        p.append(all_views(*pair(n, *VIEWED[1:], rng), rng))
    return {"p": {"views": p}}


def line(record: Record, cell: tuple[str | int, ...], true: float) -> str:
    """The row of the table."""
    got = {key: np.array(values) for key, values in record.values(cell, "n").items()}
    n, low, high = got["n"], got["low"], got["high"]
    below, above = int(((high != NONE) & (high < true)).sum()), int(((low != NONE) & (low > true)).sum())
    star = n[n != NONE]
    held = len(n) - below - above
    ends = binomtest(held, len(n)).proportion_ci(method="exact")
    middle = np.quantile(star, [0.5, 0.05, 0.95]).round().astype(int)
    return (
        f"| {true:.0f} | {middle[0]} ({middle[1]} to {middle[2]}) | {below}, {above} of {len(n)} "
        f"| {held / len(n):.2f} ({ends.low:.2f}–{ends.high:.2f}) | {int((high == NONE).sum())} of {len(n)} |"
    )


def true_star(record: Record) -> float:
    """Where a probit in √n through the shares told passes one half."""
    from simulacra.comparison.usable import _fit, _rise  # the same rise that the estimate takes

    told = {}
    for n in SIZES:
        p = np.array(record.values(("n* power", n), "p").get("views", []))
        if len(p):
            told[n] = (float((p <= 0.05 + 1e-9).mean()), len(p))
    print({n: share for n, (share, _) in told.items()}, f"{PERMUTATIONS} relabelings")
    center, steep = _fit(told, 0.05)
    grid = np.linspace(min(told), max(told), 2000)
    return float(grid[np.searchsorted(_rise(grid, center, steep, 0.05), 0.5)])


def main(record: Record) -> None:
    """What is wanting, and the table."""
    work = [(("n*", *map(str, case)), b, case, False) for b in range(10) for case in KNOWN]
    with Progress("n*", len(work) + len(SIZES) + 5) as progress:
        for cell, b, case, views in work:
            record.keep(cell, b, lambda at=(case, b, views): found(*at))  # type: ignore[misc]
            progress.step()
        for n in SIZES:
            record.keep(("n* power", n), 0, lambda n=n: power(n, 0))  # type: ignore[misc]
            progress.step()
        for b in range(3):
            record.keep(("n*", "views"), b, lambda b=b: found(VIEWED, b, True))  # type: ignore[misc]
            progress.step()
    for case in KNOWN:
        print(case, line(record, ("n*", *map(str, case)), half_rejected(*case[1:])))
    if record.values(("n*", "views"), "n") and math.isfinite(true := true_star(record)):
        print(VIEWED, line(record, ("n*", "views"), true))


if __name__ == "__main__":
    main(Record(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else float("inf")))
