"""Pictures of volumes: slices in three planes, and the surface of phase 1 in space."""

from __future__ import annotations

import numpy as np

from simulacra.core.compiled import compiled
from simulacra.core.samples import Array, Samples
from simulacra.domains.materials.isosurface import surface_of
from simulacra.domains.materials.volumes import spacing_of
from simulacra.pictures.base import Scale

PANEL = 96  # pixels: each of the four panels is about as wide
GAP = 4
PAPER = np.array([247, 245, 239], dtype=np.float64)
PHASE = np.array([168, 84, 52], dtype=np.float64)
FRAME = np.array([150, 146, 138], dtype=np.float64)
TURN, LIFT = np.deg2rad(-32.0), np.deg2rad(24.0)  # from where the surface is seen
LIGHT = np.array([-0.45, 0.62, 0.64])  # right, up, towards the eye
FINE = 2  # the surface is drawn so many times as large, and made smaller, which smooths its edges


def scale(*sets: Samples) -> Scale:
    """Phase 0 as paper, phase 1 in color; how long a side is, in words."""
    side = max(sets[0].array.shape[1:])
    spacing, length = spacing_of(sets[0].unit)
    long = f"{side} voxels" + ("" if length == "voxel" else f", {side * spacing:g} {length}")
    words = (
        "each tile: slices through the middle across depth, height and width, phase 1 dark; and the surface of phase "
        f"1, cut by the faces of the volume; a side is {long}"
    )
    return Scale(0.0, 1.0, str(sets[0].unit), words=words)


def tiles(x: Array, scale: Scale) -> Array:
    """Each volume as a tile of four panels, (n, height, width, 3)."""
    times = max(1, round(PANEL / max(x.shape[1:])))
    side = times * max(x.shape[1:])
    found = np.empty((len(x), 2 * side + GAP, 2 * side + GAP, 3), dtype=np.uint8)
    found[:] = PAPER.astype(np.uint8)
    far = side + GAP
    for tile, volume in zip(found, x > 0.5 * (scale.low + scale.high), strict=True):
        middle = [n // 2 for n in volume.shape]
        for top, left, plane in (
            (0, 0, volume[middle[0]]),
            (0, far, volume[:, middle[1]]),
            (far, 0, volume[:, :, middle[2]]),
        ):
            height, width = (times * n for n in plane.shape)
            color = np.where(plane[..., None], PHASE, PAPER * 0.94).astype(np.uint8)
            tile[top : top + height, left : left + width] = color.repeat(times, 0).repeat(times, 1)
        tile[far : far + side, far : far + side] = seen(volume, side)
    return found


def seen(volume: Array, side: int) -> Array:
    """The surface of phase 1, lit from above left, with the edges of its box, (side, side, 3)."""
    wide = FINE * side
    shape = np.array(volume.shape, dtype=np.float64)
    zoom = wide / (1.62 * shape.max())
    image = np.tile(PAPER, (wide, wide, 1))
    depth = np.full((wide, wide), -np.inf)
    where, triangles = surface_of(volume)
    if len(triangles):
        spot = _turned(where - (shape - 1) / 2)
        colors = _shaded(_normals(spot, triangles), spot[:, 2] / shape.max())
        _fill(image, depth, _on_screen(spot, wide, zoom)[triangles], colors[triangles])
    _box(image, depth, shape, zoom)
    small = sum(image[i::FINE, j::FINE] for i in range(FINE) for j in range(FINE)) / FINE**2
    return np.round(small).clip(0, 255).astype(np.uint8)


def _turned(where: Array) -> Array:
    """Places (depth, height, width) as right, up and towards the eye; depth stands upright."""
    z, y, x = where.T
    right, back = np.cos(TURN) * x - np.sin(TURN) * y, np.sin(TURN) * x + np.cos(TURN) * y
    up, near = -z * np.cos(LIFT) + back * np.sin(LIFT), -back * np.cos(LIFT) - z * np.sin(LIFT)
    return np.stack([right, up, near], axis=1)


def _normals(spot: Array, triangles: Array) -> Array:
    """Of each corner: the mean of the triangles about it, by their areas."""
    a, b, c = (spot[triangles[:, k]] for k in range(3))
    each = np.cross(b - a, c - a)
    found = np.zeros_like(spot)
    for k in range(3):
        for axis in range(3):
            found[:, axis] += np.bincount(triangles[:, k], each[:, axis], minlength=len(spot))
    return found


def _shaded(normal: Array, near: Array) -> Array:
    length = np.linalg.norm(normal, axis=1, keepdims=True)
    unit = normal / np.maximum(length, 1e-12)
    light = np.clip(unit @ (LIGHT / np.linalg.norm(LIGHT)), 0, 1)[:, None]
    shine = 60 * np.clip(light - 0.9, 0, 1) / 0.1
    haze = (0.30 * np.clip(0.5 - near, 0, 1))[:, None]  # what lies behind pales
    return np.asarray((1 - haze) * ((0.42 + 0.62 * light) * PHASE + shine) + haze * PAPER)


def _on_screen(spot: Array, wide: int, zoom: float) -> Array:
    """Places as columns and rows of the image, and how near they are."""
    return np.stack([wide / 2 + zoom * spot[:, 0], wide / 2 - zoom * spot[:, 1], spot[:, 2]], axis=1)


@compiled
def _fill(image: Array, depth: Array, corners: Array, colors: Array) -> None:
    """Draw triangles over what lies behind them; colors run from corner to corner."""
    wide = image.shape[0]
    for t in range(corners.shape[0]):
        ax, ay, az = corners[t, 0]
        bx, by, bz = corners[t, 1]
        cx, cy, cz = corners[t, 2]
        whole = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
        if whole == 0:
            continue
        for row in range(max(0, int(min(ay, by, cy))), min(wide, int(max(ay, by, cy)) + 2)):
            for column in range(max(0, int(min(ax, bx, cx))), min(wide, int(max(ax, bx, cx)) + 2)):
                v = ((column - ax) * (cy - ay) - (cx - ax) * (row - ay)) / whole
                w = ((bx - ax) * (row - ay) - (column - ax) * (by - ay)) / whole
                u = 1.0 - v - w
                near = u * az + v * bz + w * cz
                if u < 0 or v < 0 or w < 0 or near <= depth[row, column]:
                    continue
                depth[row, column] = near
                for k in range(3):
                    image[row, column, k] = u * colors[t, 0, k] + v * colors[t, 1, k] + w * colors[t, 2, k]


def _box(image: Array, depth: Array, shape: Array, zoom: float) -> None:
    """The twelve edges of the volume, hidden where something stands before them."""
    corners = np.array([(a, b, c) for a in (-0.5, 0.5) for b in (-0.5, 0.5) for c in (-0.5, 0.5)]) * shape
    ends = [(i, j) for i in range(8) for j in range(i) if (corners[i] != corners[j]).sum() == 1]
    along = np.linspace(0, 1, 4 * len(image))[:, None]
    for i, j in ends:
        line = _on_screen(_turned(corners[i] + along * (corners[j] - corners[i])), len(image), zoom)
        column, row = np.floor(line[:, :2].T).astype(int)
        free = depth[row, column] < line[:, 2]
        image[row[free], column[free]] = FRAME
