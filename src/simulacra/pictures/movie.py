"""A path through the samples as a moving picture (GIF), every frame on one scale."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from simulacra.core.samples import Array, Samples
from simulacra.pictures.base import Scale, common, of
from simulacra.pictures.mosaic import enlarge

SIDE = 224


def gif(frames: Samples, scale: Scale | None = None, seconds: float = 0.1) -> bytes:
    """The frames, one after another and over again.

    Args:
        frames: in their order.
        scale: the common scale; by default the frames' own.
        seconds: that each frame is shown.
    """
    return animation(of(frames.kind).tiles(frames.array, scale or common([frames])), seconds)


def animation(tiles: Array, seconds: float = 0.1) -> bytes:
    """Pictures (n, height, width, 3), one after another and over again, each shown for so many seconds."""
    images = _with_one_palette(tiles)
    out = io.BytesIO()
    images[0].save(
        out,
        "GIF",
        save_all=True,
        append_images=images[1:],
        duration=round(1000 * seconds),
        loop=0,
        disposal=1,
        optimize=False,
    )
    return out.getvalue()


def _with_one_palette(tiles: Array) -> list[Image.Image]:
    """All frames, enlarged, in the same 256 colors, so that one color means one value in all of them."""
    n, height, width, _ = tiles.shape
    packed = tiles.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    found = np.unique(packed)
    if len(found) <= 256:
        colors = np.stack([found >> 16, found >> 8 & 255, found & 255], axis=1).astype(np.uint8)
        places = np.searchsorted(found, packed).astype(np.uint8)
        table = colors.tobytes() + bytes(768 - 3 * len(colors))
    else:
        whole = Image.fromarray(tiles.reshape(n * height, width, 3)).quantize(256, dither=Image.Dither.NONE)
        places = np.asarray(whole).reshape(n, height, width)
        table = bytes(whole.getpalette() or [])
    images = []
    for frame in enlarge(places[..., None], SIDE)[..., 0]:
        image = Image.fromarray(frame).convert("P")
        image.putpalette(table)
        images.append(image)
    return images
