"""A column's mean raised without leaving what the column can hold: whole numbers stay whole, zeros stay heaped.

The planted defect of a table must be one that could be. A column of free values (hardly any two are equal) is raised
as a whole; one of free values of one sign is stretched, since nothing but an edge that has moved (the least of a
lognormal column) would else be seen, by far too soon. One of whole numbers or other steps, none of them common and the
outermost rare, is raised by whole steps, in as many rows as make up the mean. Of any other (few levels, many zeros) the
law is tilted: with $z$ the normal scores of the values, each has its weight times $e^{tz}$, and rows keep their order;
of a normal law this is a shift, of a lognormal one a stretch, and mass moves up between levels that are there. In a
column that is heaped in part, its free part moves between neighbors that are there, so that no new ties arise.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from scipy.optimize import brentq
from scipy.special import ndtri
from scipy.stats import rankdata

from simulacra.comparison.grid import on_grid
from simulacra.core.chance import stream
from simulacra.core.samples import Array

FREE = 0.01  # share of values that may be heaped in a column that counts as free
HEAP = 3  # equal values, at least, that are a heap
LEVELS = 10  # of a column, at most, whose spread is its standard deviation: its quartiles jump between levels
COMMON, EDGE = 0.1, 0.02  # shares of one step, and of an outermost one, above which a column is no mere grid
STEEPEST = 6.0  # tilt, at most: nearly all mass on the largest value
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
        mean = float(column.mean())
        one_sign = bool(column.min() > 0 or column.max() < 0)
        return column + column * (by / abs(mean)) * np.sign(mean) if one_sign else column + by
    rng = stream(SEED, "heaped values", place, len(column))
    if _mere_grid(column):
        step = float(np.diff(np.unique(column)).min())
        return column + step * np.floor(by / step + rng.random(len(column)))
    return _tilted(column, by, ~heap & (not on_grid(column)), rng)


def _mere_grid(column: Array) -> bool:
    """Whether a column's values are steps of which none is common and the outermost are rare."""
    values, counts = np.unique(column, return_counts=True)
    n = len(column)
    rare = max(counts[0], counts[-1]) <= max(2, EDGE * n)
    return bool(len(values) > LEVELS and counts.max() <= COMMON * n and rare and on_grid(column))


def _tilted(column: Array, by: float, free: Array, rng: np.random.Generator) -> Array:
    """The column with its law tilted upwards until its mean is larger by so much; rows keep their order.

    Args:
        column: its values.
        by: how much, in their unit.
        free: whether each value is none of a heap, nor on a grid: it lands between two neighbors.
        rng: puts equal values in order.
    """
    n = len(column)
    order = np.lexsort((rng.random(n), column))
    values, loose = column[order], free[order]
    scores = ndtri((rankdata(values) - 0.5) / n)
    place = (np.arange(n) + 0.5) / n
    gap = np.where(loose & np.append(False, loose[:-1]), np.diff(values, prepend=values[0]), 0.0)

    def moved(tilt: float) -> Array:
        weight = np.exp(tilt * scores - tilt * scores[-1])
        ends = np.cumsum(weight) / weight.sum()
        at = np.minimum(np.searchsorted(ends, place), n - 1)
        left = (ends[at] - place) * weight.sum() / weight[at]
        return np.asarray(values[at] - np.clip(left, 0.0, 1.0) * gap[at])

    def short(tilt: float) -> float:
        return float(moved(tilt).mean() - values.mean()) - by

    if short(STEEPEST) < 0:
        tilt = STEEPEST
    else:
        tilt = 0.0 if short(0.0) >= 0 else float(brentq(short, 0.0, STEEPEST, xtol=1e-4))
    out = np.empty(n)
    out[order] = moved(tilt)
    return out
