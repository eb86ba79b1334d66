"""What a raw trace carries besides pulse and noise: an offset (a pedestal), or nothing at all (a dead channel)."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float

from simulacra.core.samples import Array

SURE = 5.0
"""Standard errors by which an offset must differ from zero, of one trace or of all together."""


def dead(trace: Float[np.ndarray, "n T"]) -> Bool[np.ndarray, " n"]:
    """Which traces are constant: no noise can be distinguished from them, and no pulse."""
    return np.asarray(np.ptp(trace, axis=1) == 0)


def without_offset(trace: Float[np.ndarray, "n T"]) -> tuple[Array, list[str]]:
    """Traces without their offsets, where they have any, and what was done.

    The offset of a trace is its median, which a pulse hardly moves. Its standard error is that of white Gaussian noise
    of the trace's own spread (from the median absolute deviation); where one trace, or the mean of all, lies five of
    these from zero, each trace loses its own median.

    Args:
        trace: as measured.
    """
    x = np.asarray(trace, dtype=np.float64)
    middle = np.median(x, axis=1)
    spread = 1.4826 * np.median(np.abs(x - middle[:, None]), axis=1)
    error = 1.2533 * spread / np.sqrt(x.shape[1])
    alive = error > 0
    if not alive.any():
        return trace, []
    each = np.abs(middle[alive]) > SURE * error[alive]
    together = abs(middle[alive].sum()) > SURE * np.sqrt(np.square(error[alive]).sum())
    if not each.any() and not together:
        return trace, []
    size = float(np.median(np.abs(middle[alive]) / spread[alive]))
    return x - middle[:, None], [
        f"an offset was taken off each trace (its median; {size:.2g} of the noise's spread in the middle one)"
    ]
