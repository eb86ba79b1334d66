"""Volumes as files that other programs open: TIFF stacks for ImageJ, VTK for ParaView."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.core.writing import replacing
from simulacra.domains.materials.volumes import phases_of, spacing_of

BRIGHT = 255  # phase 1 in a TIFF: black and white, as every viewer shows it


def write_volumes(samples: Samples, path: Path) -> None:
    """Write volumes to one file; its ending chooses the format.

    `.tif`, `.tiff`: all slices as pages of 8 bits, phase 0 black and phase 1 white, one volume after another; with the
    volumes as frames and the voxel's length noted as ImageJ notes them. The source `voxels` reads such a file.
    `.vtk`: legacy VTK, structured points, one array of cells a volume, named sample_0, sample_1 …; a voxel is a
    cell, and its length is the spacing. ParaView opens it.

    Args:
        samples: of kind "volume".
        path: of the file.
    """
    if samples.kind != "volume":
        raise BadInput(
            "only volumes are written as stacks", f"samples of kind {samples.kind!r}", "end the name in .npz or .npy"
        )
    if path.suffix.lower() == ".vtk":
        _vtk(samples, path)
    else:
        _tiff(samples, path)


def _tiff(samples: Samples, path: Path) -> None:
    x = phases_of(samples)
    n, depth = x.shape[:2]
    spacing, length = spacing_of(samples.unit)
    pages = [Image.fromarray(page) for page in (x * np.uint8(BRIGHT)).reshape(-1, *x.shape[2:])]
    stated = [
        "ImageJ=1.53t",
        f"images={n * depth}",
        f"slices={depth}",
        *([f"frames={n}", "hyperstack=true"] if n > 1 else []),
        f"unit={length.replace('µ', chr(92) + 'u00B5')}",  # these lines are plain ASCII
        f"spacing={spacing:g}",
        "loop=false",
        "",
    ]
    tags = ImageFileDirectory_v2()
    tags[270] = "\n".join(stated)
    tags[282] = tags[283] = 1 / spacing  # pixels in a unit of length
    tags[296] = 1  # no inch, no centimeter: the unit is in the text
    with replacing(path) as file:
        pages[0].save(file, "TIFF", save_all=True, append_images=pages[1:], tiffinfo=tags)


def _vtk(samples: Samples, path: Path) -> None:
    x = phases_of(samples)
    n, depth, height, width = x.shape
    spacing, length = spacing_of(samples.unit)
    head = (
        "# vtk DataFile Version 3.0\n"
        f"{n} volumes of phases 0 and 1, lengths in {length.replace('µ', 'u')}\n"
        "BINARY\n"
        "DATASET STRUCTURED_POINTS\n"
        f"DIMENSIONS {width + 1} {height + 1} {depth + 1}\n"
        "ORIGIN 0 0 0\n"
        f"SPACING {spacing:g} {spacing:g} {spacing:g}\n"
        f"CELL_DATA {x[0].size}\n"
    )
    with replacing(path) as file:
        file.write(head.encode("ascii", "replace"))
        for i in range(n):  # width runs fastest, as in our arrays
            file.write(f"SCALARS sample_{i} unsigned_char 1\nLOOKUP_TABLE default\n".encode())
            file.write(x[i].tobytes())
            file.write(b"\n")
