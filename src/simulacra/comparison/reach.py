"""The reach of a comparison: the smallest planted defect that it catches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulacra.comparison.rows import Rows, Sides, chunk_of
from simulacra.comparison.smallest import ranks
from simulacra.comparison.two_samples import VIEWS

Array = NDArray[Any]
NULL = 2000  # undisturbed pairs: the smallest of three ranks has to be told at a twentieth of a twentieth


@dataclass(frozen=True)
class Reach:
    """The smallest planted defect that is caught, or None if none of those that were tried.

    Args:
        amount: its size.
        power: the share of planted draws in which each size that was tried was caught.
        n_model: rows on the planted side.
        n_truth: rows on the true side.
    """

    amount: float | None
    power: dict[float, float]
    n_model: int
    n_truth: int


def find_reach(
    pool: Rows,
    planted: Callable[[float], Rows],
    amounts: Sequence[float],
    n_model: int,
    n_truth: int,
    rng: np.random.Generator,
    level: float = 0.05,
    power: float = 0.8,
    draws: int = 250,
) -> Reach:
    """The smallest of the ascending `amounts` that `compare` catches with this power.

    Disjoint subsets of the pool, as large as the sets in question, stand for the two sides. Undisturbed pairs tell how
    each view's distance is spread and, from the smallest of their ranks, the critical value; the power comes from pairs
    whose one side has the defect. Scales and the classifier's hat matrix are those of the pool, not of each
    pair. Where the pool is smaller than both sides together, they shrink in proportion, and the reach is stated for
    that size.

    Args:
        pool: rows known to be of the true law.
        planted: the same rows with the defect of a given size.
        amounts: the sizes to try, ascending; power is taken to rise with them.
        n_model: rows of the set that is judged.
        n_truth: rows of the truth that it is judged against.
        rng: chooses the subsets.
        level: of the test.
        power: that counts as caught.
        draws: pairs with the defect, for each size.
    """
    shrink = min(1.0, len(pool) / (n_model + n_truth))
    shares = shrink * n_model / len(pool), shrink * n_truth / len(pool)
    views = [view.of(pool, min(1.0, sum(shares))) for view in VIEWS]
    pairs = next(_pairs(pool, *shares, draws, draws, rng))
    many = _pairs(pool, *shares, NULL, chunk_of(pool.strata), rng)
    null = np.concatenate([np.column_stack([view(sides) for view in views]) for sides in many])
    critical = _critical(ranks(null, null).min(axis=1), level)
    tried: dict[float, float] = {}
    low, high = 0, len(amounts)  # the answer's place is in [low, high]; high means none
    while low < high:
        middle = (low + high) // 2
        amount = amounts[middle]
        features = planted(amount).features
        distances = np.column_stack([view(pairs, features) for view in views])
        caught = 1 + ranks(distances, null).min(axis=1) <= critical
        tried[amount] = float(caught.mean())
        low, high = (low, middle) if tried[amount] >= power else (middle + 1, high)
    n, m = (int(sum(size[0] for size in side)) for side in pairs.sizes(pool.strata))
    return Reach(amounts[low] if low < len(amounts) else None, dict(sorted(tried.items())), n, m)


def _critical(least: Array, level: float) -> float:
    """The largest rank that at most this share of undisturbed pairs keeps below or meets."""
    known = np.sort(least)
    at = int(level * len(known))  # so many may be called different
    return float(known[at] - 1)


def _pairs(
    rows: Rows, share_a: float, share_b: float, draws: int, chunk: int, rng: np.random.Generator
) -> Iterator[Sides]:
    """Disjoint random pairs of subsets of whole groups, within strata."""
    for start in range(0, draws, chunk):
        a, b = [], []
        for s in rows.strata:
            n_a = max(1, min(len(s) - 1, round(share_a * len(s))))
            n_b = max(1, min(len(s) - n_a, round(share_b * len(s))))
            place = rng.permuted(np.tile(np.arange(len(s)), (min(chunk, draws - start), 1)), axis=1)
            a.append((place < n_a).astype(float))
            b.append(((place >= n_a) & (place < n_a + n_b)).astype(float))
        yield Sides(a, b)
