"""One p of several views: the smallest of theirs, calibrated over the same relabelings.

The smallest of several p-values is not a p-value; but it is a number like any other, and every relabeling has one. So
each relabeling's distances are ranked among all of them, the actual one included, view by view, and the smallest rank
is compared with the smallest ranks of the relabelings: exact, however the views depend on each other.

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


def summed(distances: Float[np.ndarray, "draws views"]) -> float:
    """The p of all views by the sum of the logarithms of their ranks, calibrated over the same relabelings.

    Where several views see a little of a difference it sees more than the smallest rank does; where one does, less.
    The first draw is the actual one.

    References:
        Statistical Methods for Research Workers (Fisher, 1932)
    """
    total = np.log(ranks(distances, distances)).sum(axis=1)
    return float((total <= total[0] + EQUAL * len(total)).mean())


def combine(distances: Float[np.ndarray, "draws views"]) -> tuple[float, Float[np.ndarray, " views"]]:
    """The p over all views and the p of each; the first draw is the actual one, the others its relabelings."""
    draws = len(distances)
    rank = ranks(distances, distances)
    least, far = rank.min(axis=1), excess(distances, distances)
    slack = EQUAL * np.abs(far).max()
    at_least = (least < least[0]) | ((least == least[0]) & (far >= far[0] - slack))
    return float(at_least.sum() / draws), rank[0] / draws
