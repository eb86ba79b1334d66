"""A column's mean raised without leaving what the column can hold: whole numbers stay whole, zeros stay heaped.

The planted defect of a table must be one that could be. A column of free values (hardly any two are equal) is raised
as a whole. Of a heaped one (few levels, rounded values, many zeros) each value gives way, with a chance, to the larger
of itself and of values drawn from the column: mass moves up between levels that are there. In a column that is heaped
in part, what is drawn of its free part lies between two neighbors that are there, so that no new ties arise.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from simulacra.comparison.grid import on_grid
from simulacra.core.chance import stream
from simulacra.core.samples import Array

FREE = 0.01  # share of values that may be heaped in a column that counts as free
HEAP = 3  # equal values, at least, that are a heap
LEVELS = 10  # of a column, at most, whose spread is its standard deviation: its quartiles jump between levels
SEED = 7  # always the same choice, so that a larger defect holds the smaller one


def typical(column: Float[np.ndarray, " n"]) -> float:
    """The spread of a column: the distance between its quartiles over 1.349, as long as that is positive.

    A few far values do not change it. Of few levels, or where half of the values are equal, it is the standard
    deviation.

    >>> typical(np.array([0.0, 1.0, 0.0, 1.0]))
    0.5
    """
    column = column[np.isfinite(column)]
    if not len(column):
        return 0.0
    low, high = np.quantile(column, (0.25, 0.75))
    if high - low > 1e-12 * (1 + np.abs(column).max()) and len(np.unique(column)) > LEVELS:
        return float((high - low) / 1.349)
    return float(column.std())


def heaped(column: Float[np.ndarray, " n"]) -> Array:
    """Whether each value is one of a heap: three equal ones or more."""
    _, place, counts = np.unique(column, return_inverse=True, return_counts=True)
    return np.asarray(counts[place] >= min(HEAP, max(2, len(column) // 4)))


def raised(column: Float[np.ndarray, " n"], by: float, place: int = 0) -> Float[np.ndarray, " n"]:
    """The column with a mean that is larger by about `by`, as far as its largest value allows; gaps (NaN) stay.

    Args:
        column: its values.
        by: how much, in their unit.
        place: of the column in its table: other rows give way in each, so that columns are not bound to one another.
    """
    there = np.isfinite(column)
    if not there.all():
        out = column.copy()
        out[there] = raised(column[there], by, place) if there.any() else 0.0
        return out
    heap = heaped(column)
    if by <= 0 or column.max() == column.min():
        return column.copy()
    if heap.mean() <= FREE:
        return column + by
    rng = stream(SEED, "heaped values", place, len(column))
    turn = rng.permutation(len(column)) / len(column)  # of each row: it gives way once the chance is beyond its turn
    larger, step = column, np.zeros(len(column))
    room = 0.0
    for _ in range(6):  # the larger of 2, 3, 5, 9 … draws: mass moves farther up each time
        step, before = larger, room
        larger = np.maximum(larger, _drawn(column, heap, rng))
        room = float((larger - column).mean())
        if room >= by:
            break
    share = np.clip((by - before) / max(room - before, 1e-300), 0.0, 1.0)
    return np.where(turn < share, larger, step)


def _drawn(column: Array, heap: Array, rng: np.random.Generator) -> Array:
    """As many values drawn from the column; of its free part between two neighbors."""
    n = len(column)
    order = np.argsort(column, kind="stable")
    values, free = column[order], ~heap[order] & (not on_grid(column))
    at = rng.integers(n, size=n)
    drawn = values[at]
    loose = free[at] & (at + 1 < n)
    loose[loose] &= free[at[loose] + 1]
    drawn[loose] += rng.random(int(loose.sum())) * (values[at[loose] + 1] - values[at[loose]])
    return np.asarray(drawn)
