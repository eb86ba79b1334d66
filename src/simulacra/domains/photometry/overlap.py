"""What two sources' pixels say together: one band's part of Fisher's information across a pair, as machine code."""

from __future__ import annotations

import numpy as np

from simulacra.core.compiled import compiled
from simulacra.core.samples import Array


@compiled
def crossed(a: Array, ca: Array, b: Array, cb: Array, weight: Array) -> Array:
    """Sums of products of two stamps' slopes over the pixels that both see.

    Args:
        a: light and slopes of one source, photons, (k, rows, columns).
        ca: column and row of its first pixel on the frame.
        b: those of the other.
        cb: its first pixel.
        weight: by pixel of the frame: 1 over the photons expected, 0 for pixels that are not used.
    """
    out = np.zeros((len(a), len(b)))
    left, right = max(ca[0], cb[0]), min(ca[0] + a.shape[2], cb[0] + b.shape[2])
    low, high = max(ca[1], cb[1]), min(ca[1] + a.shape[1], cb[1] + b.shape[1])
    for i in range(low, high):
        for j in range(left, right):
            w = weight[i, j]
            if w > 0 and a[0, i - ca[1], j - ca[0]] > 0 and b[0, i - cb[1], j - cb[0]] > 0:
                for k in range(len(a)):
                    scaled = w * a[k, i - ca[1], j - ca[0]]
                    for m in range(len(b)):
                        out[k, m] += scaled * b[m, i - cb[1], j - cb[0]]
    return out


@compiled
def pulled(a: Array, ca: Array, residual: Array) -> Array:
    """Sums of one stamp's slopes times a frame (counts over expected photons, less one): its part of the gradient."""
    out = np.zeros(len(a))
    for k in range(len(a)):
        for i in range(a.shape[1]):
            for j in range(a.shape[2]):
                out[k] += a[k, i, j] * residual[ca[1] + i, ca[0] + j]
    return out
