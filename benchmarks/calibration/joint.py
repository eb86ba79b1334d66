"""The judge of all features together, on fresh pairs of galaxies: all spirals gone, and truth against truth.

    PYTHONPATH=benchmarks python benchmarks/calibration/joint.py RECORD [MINUTES]

200 galaxies of Galaxy Zoo a side, 32 pixels, the 34 features of the eleven statistics of pictures, without labels.
Beside the judge stands MMD (Gaussian kernel of median width) on the same features, each with 199 relabelings at level
0.05. Pairs share no galaxy within themselves; one pool of 2,300 serves all pairs.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from scipy.spatial.distance import cdist
from scipy.stats import binomtest

from calibration.peers import PERMUTATIONS, mmd, scaled, share
from calibration.record import Measured, Record
from calibration.wide import rows
from simulacra.comparison.two_samples import compare
from simulacra.core.progress import Progress
from simulacra.core.samples import Array
from simulacra.judging.base import default_judges
from simulacra.sources.sky.galaxy_zoo import GalaxyZoo

EACH, BLOCK, SEED = 200, 10, 331
PAIRS = {"all spirals gone": 40, "truth against truth": 300}


def features() -> tuple[Array, Array]:
    """Of each galaxy a row of 34, and whether it is a spiral."""
    galaxies = GalaxyZoo().read()
    bare = galaxies.but(given={}, given_unit={})
    found = [np.asarray(judge.statistic(bare), dtype=float) for judge in default_judges(bare).values()]
    return np.column_stack(found), galaxies.given["class"] == "spiral"


def block(name: str, number: int, x: Array, spiral: Array) -> Measured:
    """The p of so many pairs, two ways."""
    found: dict[str, list[float]] = {"ours": [], "MMD": []}
    for repeat in range(BLOCK * number, BLOCK * (number + 1)):
        rng = np.random.default_rng([SEED, list(PAIRS).index(name), repeat])
        order = rng.permutation(len(x))
        truth, rest = order[:EACH], order[EACH:]
        model = (rest[~spiral[rest]] if name == "all spirals gone" else rest)[:EACH]
        test = compare(rows(x[model]), rows(x[truth]), rng, PERMUTATIONS)
        a, b = scaled(x[model], x[truth])
        both = np.concatenate([a, b])
        labels = np.tile(np.arange(2 * EACH) < EACH, (PERMUTATIONS + 1, 1)).astype(float)
        labels[1:] = rng.permuted(labels[1:], axis=1)
        squares = cdist(both, both, "sqeuclidean")
        found["ours"].append(test.p)
        found["MMD"].append(share(mmd(np.exp(-squares / np.median(squares)), labels)))
    return {"p": found}


def main(record: Record) -> None:
    """What is wanting, and a line for each."""
    x, spiral = features()
    todo = [(name, b) for name, pairs in PAIRS.items() for b in range(pairs // BLOCK)]
    with Progress("galaxies in pairs", len(todo)) as progress:
        for name, b in todo:
            record.keep(("joint", name), b, lambda at=(name, b): block(*at, x, spiral))  # type: ignore[misc]
            progress.step()
    for name in PAIRS:
        for who, p in record.values(("joint", name), "p").items():
            count = int((np.array(p) <= 0.05 + 1e-9).sum())
            low, high = binomtest(count, len(p)).proportion_ci(method="exact")
            print(f"{name}, {who}: {count / len(p):.3f} [{low:.3f}, {high:.3f}] ({len(p)})")


if __name__ == "__main__":
    main(Record(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else float("inf")))
