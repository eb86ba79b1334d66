"""Pictures of radio pulses: a small chart each, a trace's time from left to right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.pictures import series
from simulacra.pictures.base import Scale


def scale(*sets: Samples) -> Scale:
    """The same height above and below zero, for all but one in a thousand of the truth's peaks."""
    peaks = np.abs(np.asarray(sets[0].array, dtype=float)).reshape(len(sets[0]), -1).max(axis=1, initial=0.0)
    top = 1.05 * float(np.percentile(peaks, 99.9)) or 1.0
    unit = sets[0].unit
    shown = "" if unit == "1" else f" {unit}"
    words = f"{sets[0].array.shape[1]} samples from left to right, height from −{top:.3g} to {top:.3g}{shown}"
    beyond = any(bool(np.any(np.abs(s.array) > top)) for s in sets)
    return replace(series.scale(*sets), low=-top, high=top, words=words, beyond=beyond)


def tiles(x: Array, scale: Scale) -> Array:
    """Each pulse as a small chart."""
    return series.tiles(x, scale)
