"""Pictures of showers: lit cells in space, seen from the side, colored by the logarithm of their energy."""

from __future__ import annotations

import matplotlib
import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.pictures.base import Scale

SIDE = 176  # pixels of a tile
ALONG = np.array([0.92, 0.16])  # where a step along the particle goes: right, and down
ACROSS = np.array([-0.42, 0.30])  # a step along a row of cells
DOWN = np.array([0.0, 0.62])  # a step to the next row
PAPER, FRAME = (252, 252, 250), (190, 194, 200)


def scale(*sets: Samples) -> Scale:
    """From the faintest lit cell of the truth to the brightest thousandth, in the logarithm to base 10."""
    x = np.asarray(sets[0].array)
    lit = x[x > 0]
    low, high = (0.0, 1.0) if not lit.size else np.log10([lit.min(), np.quantile(lit, 0.999)])
    unit = sets[0].unit
    beyond = any(bool((s.array > 10 ** float(high)).any()) for s in sets)
    words = "lit cells alone; the particle comes from the left, and a frame is the calorimeter"
    return Scale(float(low), float(max(high, low + 0.5)), f"log10 {unit}", "magma_r", words, beyond, bar=True)


def tiles(x: Array, scale: Scale) -> Array:
    """Each shower as a tile: near cells are drawn over far ones, bright ones over faint ones at one place."""
    colors = matplotlib.colormaps[scale.colors]
    layers, rows, columns = x.shape[1:]
    # each side of the calorimeter is drawn as long as the others, whatever its cells
    along, down, across = ALONG / layers, DOWN / rows, ACROSS / columns
    corners = np.array([[i, j, k] for i in (0, layers) for j in (0, rows) for k in (0, columns)], dtype=float)
    flat = corners @ np.stack([along, down, across])
    low, high = flat.min(axis=0), flat.max(axis=0)
    size = (SIDE - 12) / (high - low).max()
    shift = (SIDE - size * (low + high)) / 2
    wide = max(1, round(size * np.linalg.norm(along) * 0.4))
    found = np.empty((len(x), SIDE, SIDE, 3), dtype=np.uint8)
    for tile, shower in zip(found, np.asarray(x, dtype=float), strict=True):
        tile[:] = PAPER
        _frame(tile, size * flat + shift)
        i, j, k = np.nonzero(np.nan_to_num(shower) > 0)
        log = np.log10(shower[i, j, k])
        order = np.lexsort((log, k))
        i, j, k, log = i[order], j[order], k[order], log[order]
        at = size * (np.outer(i + 0.5, along) + np.outer(j + 0.5, down) + np.outer(k + 0.5, across)) + shift
        shade = 0.06 + 0.94 * np.clip((log - scale.low) / (scale.high - scale.low), 0, 1)
        rgb = colors(shade, bytes=True)[:, :3]
        right, below = at.round().astype(int).T
        for a in range(-wide // 2, wide // 2 + 1):
            for b in range(-wide // 2, wide // 2 + 1):
                inside = (below + a >= 0) & (below + a < SIDE) & (right + b >= 0) & (right + b < SIDE)
                tile[below[inside] + a, right[inside] + b] = rgb[inside]
    return found


def _frame(tile: Array, corners: Array) -> None:
    """The twelve edges of the calorimeter."""
    for a in range(8):
        for bit in (1, 2, 4):
            if not a & bit:
                ends = corners[[a, a | bit]]
                steps = int(np.abs(ends[1] - ends[0]).max()) + 1
                line = np.linspace(ends[0], ends[1], steps).round().astype(int).clip(0, SIDE - 1)
                tile[line[:, 1], line[:, 0]] = FRAME
