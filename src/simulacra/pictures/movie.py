"""A path through the samples as a moving picture (GIF), every frame on one scale."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image

from simulacra.core.samples import Samples
from simulacra.pictures.base import Scale, common, of
from simulacra.pictures.mosaic import enlarge

Array = np.ndarray[Any, Any]
SIDE = 224


def gif(frames: Samples, scale: Scale | None = None, seconds: float = 0.1) -> bytes:
    """The frames, one after another and over again.

    Args:
        frames: in their order.
        scale: the common scale; by default the frames' own.
        seconds: that each frame is shown.
    """
    tiles = enlarge(of(frames.kind).tiles(frames.array, scale or common([frames])), SIDE)
    images = _with_one_palette(tiles)
    out = io.BytesIO()
    images[0].save(
        out, "GIF", save_all=True, append_images=images[1:], duration=round(1000 * seconds), loop=0, disposal=1, optimize=False
    )
    return out.getvalue()


def _with_one_palette(tiles: Array) -> list[Image.Image]:
    """All frames in the same 256 colors, so that one color means one value in all of them."""
    n, height, width, _ = tiles.shape
    whole = Image.fromarray(tiles.reshape(n * height, width, 3))
    colors = np.unique(tiles.reshape(-1, 3), axis=0)
    if len(colors) <= 256:
        palette = Image.new("P", (1, 1))
        palette.putpalette(colors.tobytes() + bytes(768 - 3 * len(colors)))
    else:
        palette = whole.quantize(256, method=Image.Quantize.MEDIANCUT)
    return [Image.fromarray(tile).quantize(palette=palette, dither=Image.Dither.NONE) for tile in tiles]
