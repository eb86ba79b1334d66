"""Pictures of fields: numbers as colors, with a bar that gives their unit."""

from __future__ import annotations

import matplotlib
import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.pictures.base import Scale, outside, values

TAIL = 0.25  # per cent of the truth's values left beyond each end, so that one hot pixel does not darken the rest


def scale(*sets: Samples) -> Scale:
    """From the truth's lowest to its highest values, rare tails left out; symmetric where zero lies well within."""
    x = values(sets)
    low, high = (float(v) for v in np.percentile(x, [TAIL, 100 - TAIL]))
    colors = "viridis"
    if low < 0 < high and min(-low, high) > 0.25 * max(-low, high):
        high = max(-low, high)
        low, colors = -high, "RdBu_r"
    if high <= low:
        low, high = low - 0.5, high + 0.5
    unit = sets[0].unit
    return Scale(low, high, unit, colors, "one color scale for all sets", outside(sets, low, high), bar=True)


def tiles(x: Array, scale: Scale) -> Array:
    """Each field as a tile, one pixel a number; what is no number is gray."""
    share = (np.asarray(x, dtype=float) - scale.low) / (scale.high - scale.low)
    colors = matplotlib.colormaps[scale.colors].with_extremes(bad="#808080")
    return colors(np.ma.masked_invalid(np.clip(share, 0, 1)), bytes=True)[..., :3]
