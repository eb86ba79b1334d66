"""A sheet of samples as an image file, to look at."""

from __future__ import annotations

from pathlib import Path

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.pictures.base import drawable
from simulacra.pictures.mosaic import grid, png

MOST = 64  # samples on a sheet


def write_sheet(samples: Samples, path: Path) -> Path:
    """The first samples as a PNG, eight in a row, on one scale.

    Args:
        samples: of a kind that has a picture.
        path: of the file; its name ends in .png.
    """
    if path.suffix.lower() != ".png":
        raise BadInput("a sheet of samples is a PNG file", path.name, "end the name in .png")
    if not drawable(samples):
        raise BadInput(f"samples of kind {samples.kind!r} cannot be drawn", str(path), "write them as .npz instead")
    path.write_bytes(png(grid(samples, n=MOST, columns=8)))
    return path
