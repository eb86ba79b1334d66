"""Pictures of vectors: a small profile a sample, its entries from left to right."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from simulacra.core.samples import Array, Samples
from simulacra.pictures.base import Scale, outside, values

SIDE, EDGE = 112, 8
PAPER, LINE, ZERO = (247, 245, 239), (11, 99, 181), (178, 178, 172)


def scale(*sets: Samples) -> Scale:
    """From the truth's lowest to its highest entry, with a little room."""
    x = values(sets)
    low, high = (float(v) for v in np.percentile(x, [0.1, 99.9]))
    room = 0.05 * (high - low) or 0.5
    low, high = low - room, high + room
    unit = sets[0].unit
    ends = f"{low:.3g} to {high:.3g}{'' if unit == '1' else ' ' + unit}"
    words = f"entries from left to right, height from {ends}; gray: zero"
    return Scale(low, high, unit, words=words, beyond=outside(sets, low, high))


def tiles(x: Array, scale: Scale) -> Array:
    """Each vector as a small profile."""
    flat = np.nan_to_num(np.asarray(x, dtype=float)).reshape(len(x), -1)
    return np.stack([_profile(row, scale) for row in flat]) if len(flat) else np.zeros((0, SIDE, SIDE, 3), np.uint8)


def _profile(row: Array, scale: Scale) -> Array:
    image = Image.new("RGB", (SIDE, SIDE), PAPER)
    draw = ImageDraw.Draw(image)

    def height(value: float) -> float:
        share = np.clip((value - scale.low) / (scale.high - scale.low), 0, 1)
        return float(SIDE - EDGE - share * (SIDE - 2 * EDGE))

    if scale.low < 0 < scale.high:
        draw.line([(EDGE, height(0.0)), (SIDE - EDGE, height(0.0))], fill=ZERO, width=1)
    across = np.linspace(EDGE, SIDE - EDGE, len(row)) if len(row) > 1 else np.array([SIDE / 2])
    points = [(float(a), height(v)) for a, v in zip(across, row, strict=True)]
    if len(points) > 1:
        draw.line(points, fill=LINE, width=2)
    if len(points) <= 24:
        for a, b in points:
            draw.ellipse([a - 2.5, b - 2.5, a + 2.5, b + 2.5], fill=LINE)
    return np.asarray(image)
