"""Many samples as one image: a grid or a strip of tiles on one scale, and the bar that explains its colors."""

from __future__ import annotations

import io

import matplotlib
import numpy as np
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from PIL import Image

from simulacra.core.samples import Array, Samples
from simulacra.pictures.base import Scale, common, of
from simulacra.pictures.style import hand, sheet, short

SIDE = 140  # pixels: smaller samples are enlarged by a whole number, so that every pixel stays a square
BUDGET = 135_000  # pixels of samples in one grid, which keeps a page small


def grid(samples: Samples, scale: Scale | None = None, n: int = 16, columns: int = 4) -> Array:
    """The first n samples as a grid, (height, width, 4), uint8; the gaps are transparent.

    Args:
        samples: what is shown.
        scale: the common scale; by default these samples' own.
        n: at most so many.
        columns: tiles in a row.
    """
    few = samples[slice(0, n)]
    found = scale or common([samples])
    return arrange(of(samples.kind).tiles(few.array, found), columns)


def arrange(tiles: Array, columns: int, side: int = SIDE) -> Array:
    """Tiles in rows, enlarged by a whole number to about `side` pixels where they are small."""
    tiles = enlarge(tiles, side)
    n, height, width, _ = tiles.shape
    columns = max(1, min(columns, n))
    rows = -(-n // columns)
    gap = gap_of(width)
    out = np.zeros((rows * (height + gap) - gap, columns * (width + gap) - gap, 4), np.uint8)
    for i, tile in enumerate(tiles):
        top, left = (i // columns) * (height + gap), (i % columns) * (width + gap)
        out[top : top + height, left : left + width, :3] = tile
        out[top : top + height, left : left + width, 3] = 255
    return out


def gap_of(width: int) -> int:
    """Pixels between tiles of this width."""
    return max(2, width // 24)


def enlarge(tiles: Array, side: int = SIDE) -> Array:
    """Tiles at least about `side` pixels wide, each pixel repeated a whole number of times."""
    times = max(1, round(side / max(tiles.shape[1:3])))
    return tiles.repeat(times, axis=1).repeat(times, axis=2)


def affordable(samples: Samples, most: int = 16, columns: int = 4) -> int:
    """How many samples a grid of this kind may show: whole rows within the budget."""
    shape = samples.array.shape[1:]
    pixels = shape[0] * shape[1] if len(shape) >= 2 else 1
    rows = max(1, min(most, BUDGET // max(1, pixels)) // columns)
    return min(most, rows * columns, len(samples))


def png(image: Array) -> bytes:
    """An image as the bytes of a PNG file; few colors are kept as a palette, which loses nothing."""
    out = io.BytesIO()
    picture = Image.fromarray(image)
    flat = image.reshape(-1, image.shape[-1])
    packed = np.ascontiguousarray(flat[:, :4]).view(np.uint32) if flat.shape[1] == 4 else None
    if packed is not None:
        colors, places = np.unique(packed.ravel(), return_inverse=True)
        if len(colors) <= 256:
            table = colors.view(np.uint8).reshape(-1, 4)
            picture = Image.fromarray(places.reshape(image.shape[:2]).astype(np.uint8)).convert("P")
            picture.putpalette(table.tobytes(), "RGBA")
            picture.save(out, "PNG", optimize=True, transparency=table[:, 3].tobytes())
            return out.getvalue()
    picture.save(out, "PNG", compress_level=7)
    return out.getvalue()


def colorbar(scale: Scale, label: str = "value") -> Figure:
    """The bar of a scale, lying, with its unit; arrows where some values lie beyond its ends."""
    with hand():
        figure = sheet(0.62, 3.6)
        axes = figure.add_subplot()
        mappable = matplotlib.cm.ScalarMappable(Normalize(scale.low, scale.high), matplotlib.colormaps[scale.colors])
        bar = figure.colorbar(
            mappable, cax=axes, orientation="horizontal", extend="both" if scale.beyond else "neither", format=short
        )
        bar.set_label(label if scale.unit in ("", "1") else f"{label}, {scale.unit}")
        bar.outline.set_visible(False)
    return figure
