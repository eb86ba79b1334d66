"""Moments of the light about a place under Gaussian windows, with Hermite polynomials: shapelets, as machine code."""

from __future__ import annotations

import math

import numpy as np

from simulacra.core.compiled import compiled
from simulacra.core.samples import Array

ORDER = 4
TERMS = tuple((n, m) for total in range(ORDER + 1) for n in range(total, -1, -1) for m in [total - n])
"""Powers along x and y of the fifteen moments, the lowest first."""


@compiled
def hermite_row(side: int, middle: float, width: float) -> Array:
    """Polynomials of order 0 to 4 times the window at each pixel of a row, (5, side)."""
    out = np.empty((5, side))
    for i in range(side):
        t = (i - middle) / width
        window = math.exp(-0.5 * t * t)
        out[0, i] = window
        out[1, i] = window * t
        out[2, i] = window * (t * t - 1) / math.sqrt(2.0)
        out[3, i] = window * (t**3 - 3 * t) / math.sqrt(6.0)
        out[4, i] = window * (t**4 - 6 * t * t + 3) / math.sqrt(24.0)
    return out


@compiled
def moments(light: Array, other: Array, middle: Array, widths: Array) -> tuple[Array, Array]:
    """The fifteen moments in each band and window, (bands, windows, 15), and the variance of the first by `other`.

    Args:
        light: photons above what else is expected, (bands, rows, columns).
        other: photons expected without the source, likewise.
        middle: x and y of the window's middle by band, (bands, 2).
        widths: standard deviations of the windows by band, pixels, (bands, windows).

    References:
        Shapelets: I. A method for image analysis (Refregier, 2003), arXiv:astro-ph/0105178
    """
    bands, height, width = light.shape
    windows = widths.shape[1]
    out, noise = np.zeros((bands, windows, 15)), np.zeros((bands, windows))
    for b in range(bands):
        for s in range(windows):
            across = hermite_row(width, middle[b, 0], widths[b, s])
            down = hermite_row(height, middle[b, 1], widths[b, s])
            part = np.zeros((5, height))
            for i in range(height):
                for n in range(5):
                    total = 0.0
                    for j in range(width):
                        total += light[b, i, j] * across[n, j]
                    part[n, i] = total
                spread = 0.0
                for j in range(width):
                    spread += other[b, i, j] * across[0, j] * across[0, j]
                noise[b, s] += spread * down[0, i] * down[0, i]
            place = 0
            for total_order in range(5):
                for n in range(total_order, -1, -1):
                    value = 0.0
                    for i in range(height):
                        value += part[n, i] * down[total_order - n, i]
                    out[b, s, place] = value
                    place += 1
    return out, noise
