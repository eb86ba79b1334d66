"""The few nearest among many rows, block by block: exact, and in memory that does not grow with their number."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulacra.core.samples import Array

ROWS, NUMBERS = 2**14, 2**22  # rows of a block; distances in memory at a time


def first_few(far: Callable[[slice, slice], Array], n: int, group: Array, few: int) -> Array:
    """The places of the nearest member of each of the few nearest groups, for each of n objects, (n, few).

    Of all blocks after the first only what lies nearer than the farthest that is kept is looked at further.

    Args:
        far: from some of the objects and some of the rows to the squared distances between them.
        n: objects.
        group: of each row among which is looked, as a number; only one member of a group counts.
        few: how many groups; there are as many at least.
    """
    step = max(1, NUMBERS // ROWS)
    best, at = np.full((n, few), np.inf), np.full((n, few), -1, dtype=np.int64)
    for start in range(0, len(group), ROWS):
        for first in range(0, n, step):
            some = slice(first, min(first + step, n))
            near = far(some, slice(start, min(start + ROWS, len(group))))
            if start == 0:  # nothing is kept yet: all are candidates, of which the nearest of each group is found first
                row, column = _first(near, group[:ROWS], few)
            else:
                row, column = np.nonzero(near < best[some, -1:])
            if len(row):
                _merge(best[some], at[some], row, start + column, near[row, column], group)
    return at


def _first(near: Array, group: Array, few: int) -> tuple[Array, Array]:
    """Row and column of the nearest member of each of the few nearest groups of a first block."""
    rows = np.arange(len(near))
    if len(np.unique(group)) == len(group):
        few = min(few, near.shape[1])
        column = np.argpartition(near, few - 1, axis=1)[:, :few]
        return np.repeat(rows, few), column.ravel()
    left, found = near.copy(), []
    for _ in range(min(few, len(np.unique(group)))):
        column = left.argmin(axis=1)
        found.append(column)
        left[group[None, :] == group[column][:, None]] = np.inf
    return np.tile(rows, len(found)), np.concatenate(found)


def _merge(best: Array, at: Array, row: Array, place: Array, near: Array, group: Array) -> None:
    """Put what was found among what is kept, in place: of each row the nearest of different groups."""
    few = best.shape[1]
    touched = np.unique(row)
    kept = np.isfinite(best[touched])
    rows = np.concatenate([row, np.repeat(touched, few)[kept.ravel()]])
    places = np.concatenate([place, at[touched][kept]])
    orders = np.concatenate([near, best[touched][kept]])
    by = np.lexsort((orders, rows))
    rows, places, orders = rows[by], places[by], orders[by]
    pairs = rows * (int(group.max()) + 1) + group[places]
    first = np.sort(np.unique(pairs, return_index=True)[1])  # the nearest of each group
    rows, places, orders = rows[first], places[first], orders[first]
    rank = np.arange(len(rows)) - np.searchsorted(rows, rows)
    good = rank < few
    best[touched], at[touched] = np.inf, -1
    best[rows[good], rank[good]] = orders[good]
    at[rows[good], rank[good]] = places[good]
