r"""Small moves of a picture, to first order: a shift down or across, and a zoom.

A picture $y$ that moved a little is $y + \sum_k a_k t_k$, with its tangents $t_k$: its slope down, across, and along
the radius from the middle. How far $x$ is from $y$, whatever that little is, is

$$ \min_a \big\|x - y - \sum_k a_k t_k\big\|, $$

what is left of $x - y$ when its part within the span of the tangents is taken off.

References:
    Transformation invariance in pattern recognition: tangent distance and tangent propagation (Simard, LeCun, Denker &
        Victorri, 1998), doi:10.1007/3-540-49430-8_13
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Array

MOVES = 3  # down, across, zoom
LOST = 1e-10  # of the largest: what is less of a direction is rounding


def tangents(y: Float[np.ndarray, "n h w c"]) -> Float[np.ndarray, "n 3 h w c"]:
    """Of each picture, how it changes as it moves down, across, and grows about its middle."""
    down, across = _slope(y, 1), _slope(y, 2)
    i, j = (np.arange(side) - (side - 1) / 2 for side in y.shape[1:3])
    return np.stack([down, across, i[:, None, None] * down + j[:, None] * across], axis=1)


def _slope(y: Array, axis: int) -> Array:
    return np.asarray(np.gradient(y, axis=axis)) if y.shape[axis] > 1 else np.zeros_like(y)


def orthonormal(t: Float[np.ndarray, "n d k"]) -> Float[np.ndarray, "n d k"]:
    """Directions at right angles that span the same; zeros where a span has fewer than d."""
    strength, turn = np.linalg.eigh(np.einsum("nik,njk->nij", t, t))
    there = strength > LOST * strength[:, -1:]
    scale = np.where(there, 1 / np.sqrt(np.where(there, strength, 1.0)), 0.0)
    return np.asarray(np.einsum("nij,nik->njk", turn * scale[:, None, :], t))


def left_over(gap: Float[np.ndarray, "n k"], t: Float[np.ndarray, "n d k"]) -> Float[np.ndarray, " n"]:
    """How long each difference is without its part within the span of its directions."""
    along = np.einsum("ndk,nk->nd", orthonormal(t), gap)
    return np.asarray(np.sqrt(np.maximum((gap**2).sum(axis=1) - (along**2).sum(axis=1), 0.0)))
