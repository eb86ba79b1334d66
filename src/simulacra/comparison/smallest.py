"""One p of several views: the smallest of theirs, calibrated over the same relabelings.

The smallest of several p-values is not a p-value; but it is a number like any other, and every relabeling has one. So
each relabeling's distances are ranked among all of them, the actual one included, view by view, and the smallest rank
is compared with the smallest ranks of the relabelings: exact, however the views depend on each other. One view may
stand beside all others, with as much weight as they have together: its rank and the rank of their smallest make one
number, which is compared with that of the relabelings in turn.

References:
    Resampling-based multiple testing (Westfall & Young, 1993), ISBN 978-0-471-55761-6
    Nonparametric combination methodology (Pesarin & Salmaso, 2010), doi:10.1002/9780470689516
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

EQUAL = 1e-9  # relative: equal up to rounding is equal


def ranks(values: Float[np.ndarray, "n views"], among: Float[np.ndarray, "m views"]) -> Float[np.ndarray, "n views"]:
    """How many of `among` are at least as large as each value, view by view; equal up to rounding is as large.

    >>> ranks(np.array([[3.0], [1.0]]), np.array([[1.0], [2.0], [3.0]]))
    array([[1.],
           [3.]])
    """
    found = np.empty(values.shape)
    for v in range(values.shape[1]):
        known = np.sort(among[:, v])
        slack = EQUAL * max(np.abs(known[0]), np.abs(known[-1]))
        found[:, v] = len(known) - np.searchsorted(known, values[:, v] - slack, "left")
    return found


def excess(values: Float[np.ndarray, "n views"], among: Float[np.ndarray, "m views"]) -> Float[np.ndarray, " n"]:
    """How far each draw lies beyond the median of its farthest view, in units of the upper tail.

    It breaks ties among the smallest ranks, of which a thousand relabelings have as many as there are views.
    """
    middle, high = np.quantile(among, (0.5, 0.95), axis=0)
    tail = high - middle
    slack = EQUAL * np.abs(among).max(axis=0)
    far = np.where(tail > slack, (values - middle) / np.where(tail > slack, tail, 1.0), 0.0)
    return np.asarray(far.max(axis=1))


def combine(
    distances: Float[np.ndarray, "draws views"], beside: int | None = None
) -> tuple[float, Float[np.ndarray, " views"]]:
    """The p over all views and the p of each; the first draw is the actual one, the others its relabelings.

    Args:
        distances: of each view.
        beside: the view that stands beside all others together, with as much weight as they; None where none does.
    """
    draws = len(distances)
    rank = ranks(distances, distances)
    others = [v for v in range(rank.shape[1]) if v != beside]
    least, far = rank[:, others].min(axis=1), excess(distances[:, others], distances[:, others])
    slack = EQUAL * np.abs(far).max()
    if beside is None:
        at_least = (least < least[0]) | ((least == least[0]) & (far >= far[0] - slack))
        return float(at_least.sum() / draws), rank[0] / draws
    tied = np.round(far / slack) * slack if slack > 0 else far
    order = np.lexsort((-tied, least))
    known = np.column_stack([least, -tied])[order]
    last = np.append((np.diff(known, axis=0) != 0).any(axis=1), True)  # equal ones share the larger rank
    place = np.empty(draws)
    place[order] = (np.flatnonzero(last) + 1)[np.cumsum(np.append(0, last[:-1]))]
    far = harmonic(rank[:, beside], place)
    return float((far >= far[0] * (1 - EQUAL)).sum() / draws), rank[0] / draws


def harmonic(one: Float[np.ndarray, " n"], other: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """Two ranks as one number, large where either is small: calibrated over the relabelings like any other.

    References:
        The harmonic mean p-value for combining dependent tests (Wilson, 2019), doi:10.1073/pnas.1814092116
    """
    return np.asarray(1 / one + 1 / other)
