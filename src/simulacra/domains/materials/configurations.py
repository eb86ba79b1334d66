"""What cubes of two by two by two voxels tell of a volume: its share, its surface and its Euler characteristic."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np
from jaxtyping import Float, UInt8

from simulacra.core.samples import Array

CORNERS = np.array(list(product((0, 1), repeat=3)))
"""The voxels of a cube; voxel k is bit k of the cube's number."""
DIRECTIONS = np.array([d for d in product((-1, 0, 1), repeat=3) if d > (0, 0, 0)])
"""The 13 lines through a voxel and its neighbors."""
WEIGHTS = {1: 2 * 0.0457778912, 2: 2 * 0.0369806279, 3: 2 * 0.0351956398}
"""Share of all directions that lie nearest to such a line, by its squared length: along edges, faces, cubes."""


def cubes(x: UInt8[np.ndarray, "n D H W"]) -> Float[np.ndarray, "n 256"]:
    """How often each of the 256 cubes of 2 by 2 by 2 voxels occurs in each volume, as shares of all its cubes.

    Cubes that stick out are not counted: so each share is a mean of what is seen at places that are all alike, and
    what is computed from shares needs no correction for the faces of the volume.

    Args:
        x: volumes of 0 and 1.
    """
    n, depth, height, width = x.shape
    found = np.empty((n, 256))
    for i in range(n):  # one volume at a time stays in the processor's cache
        number = np.zeros((depth - 1, height - 1, width - 1), dtype=np.uint8)
        for k, (a, b, c) in enumerate(CORNERS):
            number |= x[i, a : depth - 1 + a, b : height - 1 + b, c : width - 1 + c] << np.uint8(k)
        found[i] = np.bincount(number.ravel(), minlength=256)
    return np.asarray(found / ((depth - 1) * (height - 1) * (width - 1)))


def surface(shares: Float[np.ndarray, "n 256"]) -> Float[np.ndarray, " n"]:
    r"""Surface in a unit of volume, a voxel.

    Crofton's formula: a line meets the surface $s / 2$ times in a unit of length, on average over its directions. The
    lines are those through neighbors along the 13 directions of the lattice, weighted by the share of the sphere that
    lies nearest to each. Steps of the voxels are not counted as surface, as they are where faces are counted.

    Args:
        shares: of the cubes.

    References:
        Computation of Minkowski measures on 2D and 3D binary images (Legland, Kiêu & Devaux, 2007),
        doi:10.5566/ias.v26.p83-92
    """
    return np.asarray(shares @ _surface())


def faces(shares: Float[np.ndarray, "n 256"]) -> Float[np.ndarray, " n"]:
    """Faces between voxels of the two phases, a voxel: the surface of the steps, half again as large as a smooth."""
    bits = _bits()
    pairs = [(k, m) for k in range(8) for m in range(k) if np.abs(CORNERS[k] - CORNERS[m]).sum() == 1]
    return np.asarray(shares @ np.mean([bits[:, k] != bits[:, m] for k, m in pairs], axis=0) * 3)


def euler(shares: Float[np.ndarray, "n 256"], touching: int = 6) -> Float[np.ndarray, " n"]:
    """Euler characteristic of phase 1 in a unit of volume, a voxel: pieces less tunnels and handles plus cavities.

    Args:
        shares: of the cubes.
        touching: by how many of its neighbors a voxel is joined: 6, over faces; or 26, over edges and corners too.

    References:
        Integral-geometry morphological image analysis (Michielsen & De Raedt, 2001), doi:10.1016/S0370-1573(00)00106-X
    """
    return np.asarray(shares @ _euler(touching))


@cache
def _bits() -> Array:
    return np.array((np.arange(256)[:, None] >> np.arange(8)) & 1, dtype=bool)


@cache
def _surface() -> Array:
    bits, whole = _bits(), np.zeros(256)
    for direction in DIRECTIONS:
        length = float((direction**2).sum())
        starts = [k for k in range(8) if ((CORNERS[k] + direction >= 0) & (CORNERS[k] + direction <= 1)).all()]
        ends = [int(np.flatnonzero((CORNERS[k] + direction == CORNERS).all(axis=1))[0]) for k in starts]
        crossed = np.mean([bits[:, k] != bits[:, m] for k, m in zip(starts, ends, strict=True)], axis=0)
        whole += 2 * WEIGHTS[int(length)] * crossed / np.sqrt(length)
    return whole


@cache
def _euler(touching: int) -> Array:
    """A cube's part of the sum over the corners, edges, faces and voxels that meet at its middle.

    Joined over corners, the set is a union of closed voxels: a corner belongs to it if any of its eight voxels does.
    Joined over faces, it is the graph of its voxels with all squares and cubes of them filled in.
    """
    bits, whole = _bits(), np.zeros(256)
    for fixed in product((None, 0, 1), repeat=3):  # the cube, its 6 sides, its 12 edges, its 8 corners
        at = [k for k in range(8) if all(f is None or CORNERS[k][i] == f for i, f in enumerate(fixed))]
        free = sum(f is None for f in fixed)
        held = bits[:, at].any(axis=1) if touching == 26 else bits[:, at].all(axis=1)
        sign = (-1) ** (free + 1) if touching == 26 else (-1) ** free
        whole += sign * held / 2 ** (3 - free)
    return whole
