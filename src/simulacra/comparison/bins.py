"""Bins of equal probability, in one dimension or many: the rows are cut again and again, where they spread most."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Array

HALVED = 0.36  # what is left of a normal law's variance on one side of its median


def bins_of(features: Float[np.ndarray, "n k"], count: int, guides: Array | None = None) -> Array:
    """The bin of each row, (n,); so many bins, with equal numbers of rows as far as equal values allow.

    Each cell is cut in two across a principal direction, at the quantile that leaves either side its share of the
    bins: the direction in which the cell is longest, if every cut leaves the spread that it leaves of a normal law. In
    one dimension these are the quantile bins. Where rows are equal and cannot be cut, there are fewer bins.

    Args:
        features: of all rows, on one scale.
        count: of bins.
        guides: the rows that choose the directions, by place; all of them if None. A set of few distinct rows must not
            choose: the direction in which it spreads most is one that divides it evenly, and hides its errors.

    References:
        Multidimensional binary search trees used for associative searching (Bentley, 1975), doi:10.1145/361002.361007

    >>> bins_of(np.array([[3.0], [1.0], [2.0], [4.0]]), 2).tolist()
    [1, 0, 0, 1]
    """
    chosen = features if guides is None else features[guides]
    sizes, directions = np.linalg.eigh(np.atleast_2d(np.cov(chosen, rowvar=False)))
    z = features @ (directions * np.sign(directions[np.abs(directions).argmax(axis=0), np.arange(len(sizes))]))
    found, used = np.zeros(len(features), dtype=int), 0
    cells = [(np.arange(len(features)), count, sizes)]
    while cells:
        at, share, left = cells.pop()
        cut = int(left.argmax())
        lower = _lower(z[at, cut], share // 2 / share) if share > 1 and left[cut] > 0 else None
        if lower is None:
            found[at] = used
            used += 1
            continue
        left = np.where(np.arange(len(left)) == cut, HALVED * left, left)
        # the upper part waits below the lower one, so that bins rise in one dimension
        cells += [(at[~lower], share - share // 2, left), (at[lower], share // 2, left)]
    return found


def _lower(along: Array, share: float) -> Array | None:
    """Whether each row lies in the lower part, of about this share; None where all rows are equal."""
    values, counts = np.unique(along, return_counts=True)
    if len(values) < 2:
        return None
    below = np.cumsum(counts)[:-1] / len(along)
    return np.asarray(along <= values[np.abs(below - share).argmin()])
