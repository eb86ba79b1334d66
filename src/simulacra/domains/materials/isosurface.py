"""The surface of a phase as triangles: marching through the tetrahedra between voxel middles."""

from __future__ import annotations

from itertools import permutations

import numpy as np
from jaxtyping import Float, Int
from scipy import ndimage

from simulacra.core.samples import Array

TETRAHEDRA = tuple(
    tuple(int(sum(4 >> axis for axis in order[:k])) for k in range(4)) for order in permutations(range(3))
)
"""The six tetrahedra of a cube, all along its diagonal from corner 0 to corner 7: neighbors share whole faces."""
SMOOTH = 0.7  # voxels: standard deviation of the filter before the surface of a stepped volume is looked for


def surface_of(phases: Array, smooth: float = SMOOTH) -> tuple[Float[np.ndarray, "v 3"], Int[np.ndarray, "t 3"]]:
    """The closed surface of phase 1 of one volume, cut at its faces.

    Args:
        phases: (D, H, W) of 0 and 1.
        smooth: standard deviation of a Gaussian filter, in voxels; 0 leaves the steps.

    Returns:
        Corners, in voxels from the middle of the first one; and triangles, each turning left seen from outside.
    """
    x = np.asarray(phases, dtype=np.float64)
    if smooth:
        x = ndimage.gaussian_filter(x, smooth, mode="nearest")
    where, triangles = march(np.pad(x, 1), 0.5)
    return where - 1.0, triangles


def march(x: Float[np.ndarray, "D H W"], level: float) -> tuple[Float[np.ndarray, "v 3"], Int[np.ndarray, "t 3"]]:
    """The surface where values, interpolated along the edges of tetrahedra, pass a level from above.

    Every cube between eight values is six tetrahedra, in which a level has no more than two cases: a triangle cuts off
    one corner, or a square parts two from two. So the surface has no holes, unlike that of cubes without care for their
    ambiguous cases.

    Args:
        x: values at whole places.
        level: of the surface; values at the level count as outside.

    Returns:
        Corners and triangles; corners on one edge are one.

    References:
        An efficient method of triangulating equi-valued surfaces by using tetrahedral cells (Doi & Koide, 1991),
        IEICE Transactions E74, 214, https://search.ieice.org/bin/summary.php?id=e74-d_1_214
    """
    shape = np.array(x.shape)
    steps = np.array([shape[1] * shape[2], shape[2], 1])
    corner = np.array([(k >> 2 & 1, k >> 1 & 1, k & 1) for k in range(8)]) @ steps
    flat = x.ravel()
    start = (np.indices(tuple(int(n) - 1 for n in shape)).reshape(3, -1).T @ steps).astype(np.int64)
    inside = flat > level
    mixed = np.zeros(len(start), dtype=np.int64)
    for k in range(8):
        mixed += inside[start + corner[k]]
    start = start[(mixed > 0) & (mixed < 8)]
    edges: list[Array] = []
    for tetrahedron in TETRAHEDRA:
        at = start[:, None] + corner[list(tetrahedron)]
        within = inside[at]
        count = within[:, 0].astype(np.int8) + within[:, 1] + within[:, 2] + within[:, 3]
        order = np.argsort(~within, axis=1, kind="stable")  # those inside first
        at = np.take_along_axis(at, order, axis=1)
        one, two, three = at[count == 1], at[count == 2], at[count == 3]
        edges.append(one[:, [[0, 1], [0, 2], [0, 3]]])
        edges.append(three[:, [[0, 3], [1, 3], [2, 3]]])
        edges.append(two[:, [[0, 2], [0, 3], [1, 3]]])
        edges.append(two[:, [[0, 2], [1, 3], [1, 2]]])
    every = np.concatenate(edges)  # (t, 3, 2): from the place inside to the one outside
    key = every[..., 0] * len(flat) + every[..., 1]
    found, triangles = np.unique(key, return_inverse=True)
    a, b = found // len(flat), found % len(flat)
    share = ((flat[a] - level) / (flat[a] - flat[b]))[:, None]
    from_, to = (np.stack(np.unravel_index(p, x.shape), axis=1).astype(np.float64) for p in (a, b))
    where = from_ + share * (to - from_)
    triangles = triangles.reshape(-1, 3)
    out = (to - from_)[triangles].sum(axis=1)
    wrong = np.einsum("ti,ti->t", _normals(where, triangles), out) < 0
    triangles[wrong] = triangles[wrong][:, ::-1]
    return where, triangles


def area(where: Float[np.ndarray, "v 3"], triangles: Int[np.ndarray, "t 3"]) -> float:
    """The area of all triangles."""
    return float(np.linalg.norm(_normals(where, triangles), axis=1).sum() / 2)


def _normals(where: Array, triangles: Array) -> Array:
    """Outward, twice a triangle's area long."""
    a, b, c = (where[triangles[:, k]] for k in range(3))
    return np.cross(b - a, c - a)
