"""Histograms of oriented gradients: where in a picture its edges lie, and which way they run."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float


def oriented_gradients(
    plane: Float[np.ndarray, "n height width"], cells: int = 4, directions: int = 8
) -> Float[np.ndarray, "n features"]:
    """The square root of the share of a picture's gradient in each cell and direction.

    Directions that differ by half a circle are one. A gradient is shared out between the two nearest directions, in
    proportion; cells do not overlap. Of a picture without any gradient all shares are 0.

    Args:
        plane: brightness; sides of `cells` pixels or more, what does not fit into whole cells is left out.
        cells: along a side.
        directions: between 0 and 180 degrees.

    References:
        Histograms of oriented gradients for human detection (Dalal & Triggs, 2005), doi:10.1109/CVPR.2005.177
    """
    down, right = np.gradient(plane.astype(np.float64), axis=(1, 2))
    steep = np.hypot(down, right)
    place = (np.arctan2(down, right) % np.pi) / np.pi * directions
    low = np.floor(place).astype(int)
    upper = place - low
    n, height, width = plane.shape
    tall, wide = height // cells, width // cells
    found = np.zeros((n, cells, cells, directions))
    for direction in range(directions):
        share = np.where(low % directions == direction, 1 - upper, 0.0)
        share += np.where((low + 1) % directions == direction, upper, 0.0)
        whole = (steep * share)[:, : tall * cells, : wide * cells].reshape(n, cells, tall, cells, wide)
        found[..., direction] = whole.sum(axis=(2, 4))
    flat = found.reshape(n, -1)
    total = flat.sum(axis=1, keepdims=True)
    return np.asarray(np.sqrt(np.divide(flat, total, out=np.zeros_like(flat), where=total > 0)))
