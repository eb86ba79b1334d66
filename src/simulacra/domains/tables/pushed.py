"""Columns pushed upwards among the values that they hold: a defect that could be, whatever the column's law."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float


def pushed(column: Float[np.ndarray, " n"], amount: float, rng: np.random.Generator) -> Float[np.ndarray, " n"]:
    """The column with its mean raised by `amount` standard deviations, and no value that it did not hold before.

    Each value is replaced by the one that stands k ranks above it, ties in random order, with k such that the mean
    rises as asked; between two such k, part of the rows take the smaller. Gaps (NaN) stay. Of a column of few levels,
    mass moves from one level to the next; a mean near the largest value cannot rise further.
    """
    here = ~np.isnan(column)
    values = column[here]
    out = column.copy()
    if len(values) < 2 or values.min() == values.max():
        return out
    order = np.lexsort((rng.random(len(values)), values))
    ranked = values[order]
    n = len(ranked)
    below = np.concatenate([[0.0], np.cumsum(ranked)])[:n]
    rise = (np.arange(n) * ranked[-1] - below) / n  # of the mean, for each k
    target = amount * values.std()
    k = min(int(np.searchsorted(rise, target)), n - 1)
    share = 1.0 if k == 0 or rise[k] == rise[k - 1] else min(1.0, (target - rise[k - 1]) / (rise[k] - rise[k - 1]))
    step = np.where(rng.random(n) < share, k, max(k - 1, 0))
    moved = np.empty(n)
    moved[order] = ranked[np.minimum(np.arange(n) + step, n - 1)]
    out[here] = moved
    return out
