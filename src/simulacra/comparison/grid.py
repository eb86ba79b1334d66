"""Whether the numbers of a column lie on a grid (whole numbers, two decimals), or anywhere."""

from __future__ import annotations

import numpy as np

from simulacra.core.samples import Array

OFF = 0.02  # of a step: gaps that are off a grid are so by a quarter of a step on average


def on_grid(column: Array) -> bool:
    """Whether all gaps between different values are whole multiples of the smallest, up to rounding.

    >>> on_grid(np.array([1.0, 2.0, 5.0])), on_grid(np.array([0.21, 0.5, 0.53]))
    (True, False)
    """
    gaps = np.diff(np.unique(column[np.isfinite(column)]))
    if len(gaps) < 2:
        return True
    steps = gaps / gaps.min()
    return bool(np.abs(steps - np.round(steps)).mean() <= OFF)
