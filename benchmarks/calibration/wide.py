"""Truth against truth where features are many: from ten rows a feature to fifty features a row, under several laws."""

from __future__ import annotations

import numpy as np
from scipy import stats

from calibration.record import Measured, Record
from simulacra.comparison.rows import Rows
from simulacra.comparison.two_samples import compare
from simulacra.core.progress import Progress
from simulacra.core.samples import Array

LEVEL, PERMUTATIONS, BLOCK, REPEATS = 0.05, 99, 100, 2000
CELLS = ((20, 2), (20, 20), (20, 200), (20, 1000), (100, 200))
"""Rows a side, and features; with 99 relabelings p can be exactly 0.05."""


def normal(n: int, k: int, rng: np.random.Generator) -> Array:
    """Independent normal features."""
    return rng.normal(size=(n, k))


def skewed(n: int, k: int, rng: np.random.Generator) -> Array:
    """Exponentials of normal features that share half of their variance."""
    return np.asarray(np.exp(np.sqrt(0.5) * (rng.normal(size=(n, k)) + rng.normal(size=(n, 1)))))


def heavy(n: int, k: int, rng: np.random.Generator) -> Array:
    """Student's law with two degrees of freedom: no variance."""
    return rng.standard_t(2, (n, k))


def counts(n: int, k: int, rng: np.random.Generator) -> Array:
    """Counts, most of them 0."""
    return rng.poisson(0.3 * rng.gamma(1.0, 1.0, (n, 1)), (n, k)).astype(float)


LAWS = {"normal": normal, "counts": counts, "heavy": heavy, "skewed": skewed}


def block(law: str, n: int, k: int, number: int, repeats: int = BLOCK) -> Measured:
    """The p of so many pairs of true sets."""
    found = []
    for repeat in range(repeats):
        rng = np.random.default_rng([83, list(LAWS).index(law), n, k, number, repeat])
        a, b = (rows(LAWS[law](n, k, rng)) for _ in range(2))
        found.append(compare(a, b, rng, PERMUTATIONS).p)
    return {"p": {law: found}}


def rows(x: Array) -> Rows:
    """Independent rows."""
    return Rows(x, np.zeros(len(x), dtype=int), np.arange(len(x)).astype(str))


def measure(record: Record, repeats: int = REPEATS) -> None:
    """All cells and laws, a block of each before the next of any."""
    todo = [(n, k, law, b) for b in range(repeats // BLOCK) for n, k in CELLS for law in LAWS]
    with Progress("many features", len(todo)) as progress:
        for n, k, law, b in todo:
            record.keep(("wide", law, n, k), b, lambda at=(law, n, k, b): block(*at))  # type: ignore[misc]
            progress.step(1, f"{law}, {n} rows, {k} features")


def alarms(record: Record, law: str, n: int, k: int) -> tuple[int, int]:
    """How many of how many pairs were taken to differ."""
    p = np.array(record.values(("wide", law, n, k), "p").get(law, []))
    return int((p <= LEVEL + 1e-9).sum()), len(p)


def band(repeats: int, cells: int, confidence: float = 0.99) -> tuple[int, int]:
    """The alarms that all cells of an honest test keep within, so often."""
    low, high = stats.binom.interval(confidence ** (1 / cells), repeats, LEVEL)
    return int(low), int(high)
