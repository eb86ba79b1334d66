"""Excursion sets of maps: what lies above a threshold, its area, its border and its topology."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Array

CHUNK = 2**22  # pixels times thresholds at a time


def minkowski(fields: Float[np.ndarray, "n H W"], levels: Float[np.ndarray, "n T"]) -> Float[np.ndarray, "n T 3"]:
    r"""The three Minkowski functionals of each map's excursion sets, per pixel.

    Of the union of the closed pixels above the level: its area V0; a quarter of the length of its border V1 (pixel
    edges, which are longer than a smooth border by 4/π on average, are multiplied by π/4); and its Euler characteristic
    V2, the number of pieces (joined over corners) less the number of holes, from the counts of its corners, edges and
    faces. Borders of the map do not count as borders of the set: the map is taken as a window on something larger.

    Args:
        fields: the maps, in any unit.
        levels: thresholds of each map, in the same unit.

    References:
        Integral-geometry morphological image analysis (Michielsen & De Raedt, 2001), doi:10.1016/S0370-1573(00)00106-X
    """
    n, height, width = fields.shape
    found = np.empty((n, levels.shape[1], 3))
    step = max(1, CHUNK // (height * width * levels.shape[1]))
    for start in range(0, n, step):
        part = slice(start, start + step)
        found[part] = _counted(fields[part, None] > levels[part, :, None, None])
    return np.asarray(found / (height * width))


def _counted(on: Array) -> Array:
    """Area, a quarter of the border (times π/4) and Euler characteristic of binary maps, (…, H, W) → (…, 3)."""
    across, down = on[..., :, :-1] != on[..., :, 1:], on[..., :-1, :] != on[..., 1:, :]
    border = across.sum(axis=(-2, -1)) + down.sum(axis=(-2, -1))
    # within the window: faces, the inner edges and the inner corners that touch the set
    faces = on.sum(axis=(-2, -1))
    beside, above = on[..., :, :-1] | on[..., :, 1:], on[..., :-1, :] | on[..., 1:, :]
    edges = beside.sum(axis=(-2, -1)) + above.sum(axis=(-2, -1))
    four = on[..., :-1, :-1] | on[..., :-1, 1:] | on[..., 1:, :-1] | on[..., 1:, 1:]
    corners = four.sum(axis=(-2, -1))
    return np.stack([faces, border * (np.pi / 16), corners - edges + faces], axis=-1).astype(float)


def peaks(fields: Float[np.ndarray, "n H W"]) -> Array:
    """Whether each inner pixel is higher than its eight neighbors, (n, H - 2, W - 2)."""
    inner = fields[:, 1:-1, 1:-1]
    height, width = fields.shape[1:]
    found = np.ones(inner.shape, dtype=bool)
    for down in range(3):
        for right in range(3):
            if (down, right) != (1, 1):
                found &= inner > fields[:, down : height - 2 + down, right : width - 2 + right]
    return found
