"""False alarms on windows of white noise that overlap: taken for draws, in blocks, and what the control of truth says.

    PYTHONPATH=benchmarks python benchmarks/calibration/overlapping.py [PAIRS]

Each side is cut from 700 numbers of its own: 230 windows of twelve, one every three. Level 0.05, 99 relabelings.
"""

from __future__ import annotations

import sys

import numpy as np
from scipy.stats import binomtest

from simulacra.comparison.two_samples import compare
from simulacra.core.progress import Progress
from simulacra.core.samples import Samples
from simulacra.judging.base import rows_of
from simulacra.judging.controls import halved
from simulacra.judging.independence import blocked
from simulacra.statistics.tables.values import Values

NAMES = ("taken for draws", "in blocks of eight", "truth against truth, halved in blocks")


def p_of(a: Samples, b: Samples, rng: np.random.Generator) -> float:
    """Of the test of two sets."""
    one, other = (rows_of(Values(), "values", x, {}, ()) for x in (a, b))
    return compare(one, other, rng, 99).p


def main(pairs: int) -> None:
    """A line each."""
    counts = np.zeros(3, dtype=int)
    with Progress("windows in pairs", pairs) as progress:
        for repeat in range(pairs):
            rng = np.random.default_rng([353, repeat])
            cut = [np.lib.stride_tricks.sliding_window_view(rng.normal(size=700), 12)[::3] for _ in range(2)]
            a, b = (Samples.of(x.copy(), "vector") for x in cut)
            found = (p_of(a, b, rng), p_of(blocked(a, 8), blocked(b, 8), rng), p_of(*halved(b, repeat), rng))
            counts += np.array(found) <= 0.05
            progress.step()
    for name, count in zip(NAMES, counts, strict=True):
        low, high = binomtest(int(count), pairs).proportion_ci(method="exact")
        print(f"{name}: {count / pairs:.2f} [{low:.2f}, {high:.2f}] ({pairs})")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
