"""Opening a picture: by the formats that pictures come in alone, and only if its size can be meant."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

from PIL import Image

FORMATS = ("JPEG", "MPO", "PNG", "TIFF", "BMP", "DIB", "GIF", "WEBP", "JPEG2000", "PPM", "TGA")
"""Of all that Pillow reads. A PostScript file that is called a.png is none: it would be handed to an interpreter."""
FREE, FOLD = 2**23, 100
"""So many pixels any file may hold; more only if it has a byte a hundred of them."""


@cache
def known() -> tuple[str, ...]:
    """The formats of the list that this Pillow was built with."""
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)


def opened(what: bytes | Path) -> Image.Image:
    """A picture, not yet decoded.

    Raises:
        ValueError: it promises more pixels than its bytes can hold.
        OSError: it is none (Pillow's).
    """
    image = Image.open(io.BytesIO(what) if isinstance(what, bytes) else what, formats=known())
    try:
        check_pixels(image, len(what) if isinstance(what, bytes) else what.stat().st_size)
    except ValueError:
        image.close()
        raise
    return image


def check_pixels(image: Image.Image, size: int, frames: int = 1) -> None:
    """Whether so many frames as large as this one can come from so many bytes.

    Raises:
        ValueError: they cannot.
    """
    pixels = image.width * image.height * frames
    if pixels > max(FREE, FOLD * size):
        raise ValueError(f"{image.width:,} by {image.height:,} pixels in {size:,} bytes: more than can be meant")
