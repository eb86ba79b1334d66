"""Pictures of daily series: a small chart a series, its days from left to right, gaps left open."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from simulacra.core.samples import Array, Samples
from simulacra.pictures.base import Scale, outside, values

WIDE, HIGH, EDGE = 224, 112, 6
PAPER, LINE, GRID = (247, 245, 239), (11, 99, 181), (214, 212, 205)


def scale(*sets: Samples) -> Scale:
    """From the truth's lowest to its highest value, with a little room."""
    x = values(sets)
    low, high = (float(v) for v in np.percentile(x, [0.1, 99.9]))
    room = 0.08 * (high - low) or 0.5
    low, high = low - room, high + room
    unit = sets[0].unit
    days = sets[0].array.shape[1]
    ends = f"{low:.3g} to {high:.3g}{'' if unit == '1' else ' ' + unit}"
    words = f"{days} days from left to right, height from {ends}; a line at each quarter of it"
    return Scale(low, high, unit, words=words, beyond=outside(sets, low, high))


def tiles(x: Array, scale: Scale) -> Array:
    """Each series as a small chart."""
    rows = np.asarray(x, dtype=float).reshape(len(x), -1)
    return np.stack([_chart(row, scale) for row in rows]) if len(rows) else np.zeros((0, HIGH, WIDE, 3), np.uint8)


def _chart(row: Array, scale: Scale) -> Array:
    twice = 2  # drawn at twice the size and halved: smooth lines
    image = Image.new("RGB", (twice * WIDE, twice * HIGH), PAPER)
    draw = ImageDraw.Draw(image)
    for quarter in (0.25, 0.5, 0.75):
        y = round(quarter * twice * HIGH)
        draw.line([(0, y), (twice * WIDE, y)], fill=GRID, width=1)
    share = np.clip((row - scale.low) / (scale.high - scale.low), 0, 1)
    height = twice * (HIGH - EDGE - share * (HIGH - 2 * EDGE))
    across = (
        np.linspace(twice * EDGE, twice * (WIDE - EDGE), len(row)) if len(row) > 1 else np.array([twice * WIDE / 2])
    )
    known = np.isfinite(row)
    for i in range(1, len(row)):
        if known[i - 1] and known[i]:
            draw.line([(across[i - 1], height[i - 1]), (across[i], height[i])], fill=LINE, width=3)
    for i in map(int, np.flatnonzero(known)):  # a day between two gaps is seen too
        if not (known[i - 1 : i].any() or known[i + 1 : i + 2].any()):
            draw.ellipse([across[i] - 2, height[i] - 2, across[i] + 2, height[i] + 2], fill=LINE)
    return np.asarray(image.resize((WIDE, HIGH), Image.Resampling.LANCZOS))
