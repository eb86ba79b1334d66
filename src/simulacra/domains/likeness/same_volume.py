"""When two volumes count as the same: whatever of the 48 flips and turns of the cube brings them closest."""

from __future__ import annotations

from itertools import permutations, product
from typing import ClassVar

import numpy as np
from jaxtyping import Float, Int

from simulacra.core.samples import Array

COARSE = 4  # cells a side of the sketch
SYMMETRIES = tuple((order, signs) for order in permutations(range(3)) for signs in product((1, -1), repeat=3))


def moved(x: Array, version: int) -> Array:
    """Volumes (n, D, H, W) under one of the 48 flips and turns of the cube."""
    order, signs = SYMMETRIES[version]
    turned = x.transpose(0, *[axis + 1 for axis in order])
    return np.asarray(turned[(slice(None), *[slice(None, None, sign) for sign in signs])])


class Volumes:
    """Volumes of one cubic shape: flips and turns; the sketch is their mean over 64 blocks."""

    blind: ClassVar[str] = "flips and turns of the cube"

    def ready(self, x: Array) -> Array:
        """As they are."""
        return x.astype(np.float32)

    def sketches(self, x: Array) -> list[Float[np.ndarray, "n k"]]:
        """The blocks' means in each version, times the root of their voxels: never farther apart than the volumes."""
        side = x.shape[1] // COARSE
        kept = x[:, : COARSE * side, : COARSE * side, : COARSE * side]
        blocks = kept.reshape(len(x), COARSE, side, COARSE, side, COARSE, side).mean(axis=(2, 4, 6), dtype=np.float64)
        blocks *= side**1.5
        return [moved(blocks, v).reshape(len(x), -1) for v in range(len(SYMMETRIES))]

    def apart(self, x: Array, y: Array, version: Int[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
        """Euclidean distance, voxel by voxel."""
        out = np.zeros(len(x))
        for v in np.unique(version):
            at = np.flatnonzero(version == v)
            gap = (moved(x[at], int(v)) - y[at]).reshape(len(at), -1)
            out[at] = np.sqrt(np.einsum("nk,nk->n", gap, gap, dtype=np.float64))
        return out
