"""A sheet of samples as an image file, to look at."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.core.writing import write_bytes
from simulacra.pictures.base import drawable
from simulacra.pictures.mosaic import grid, png

MOST = 64  # samples on a sheet


def write_sheet(samples: Samples, path: Path, caption: str = "") -> Path:
    """The first samples as a PNG, eight in a row, on one scale.

    Args:
        samples: of a kind that has a picture.
        path: of the file; its name ends in .png.
        caption: a line below the pictures: whose they are, and what the verdict on the model was.
    """
    if path.suffix.lower() != ".png":
        raise BadInput("a sheet of samples is a PNG file", path.name, "end the name in .png")
    if not drawable(samples):
        raise BadInput(f"samples of kind {samples.kind!r} cannot be drawn", str(path), "write them as .npz instead")
    image = grid(samples, n=MOST, columns=8)
    write_bytes(path, png(np.concatenate([image, _line(caption, image.shape[1])]) if caption else image))
    return path


def _line(text: str, width: int) -> NDArray[Any]:
    """Text as an image of this width, dark on white, (height, width, 4), uint8."""
    size = max(9.0, min(18.0, width / 60))  # points at 72 a inch: pixels
    rows = textwrap.wrap(text, max(10, int(width / (0.55 * size))))
    height = int(1.5 * size * (len(rows) + 0.7))
    figure = Figure(figsize=(width / 72, height / 72), dpi=72, facecolor="white")
    figure.text(size / 2 / width, 0.5, "\n".join(rows), fontsize=size, va="center", ha="left", color="#222222")
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    image = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
    out = np.full((height, width, 4), 255, np.uint8)
    out[: image.shape[0], : image.shape[1]] = image[:height, :width]
    return out
