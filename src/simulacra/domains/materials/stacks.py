"""Stacks of images as gray volumes: TIFF files of many pages, folders of slices, arrays."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import numpy as np
from jaxtyping import Bool
from PIL import Image, ImageSequence

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array

TIFF, NUMBERS = (".tif", ".tiff"), (".npy", ".npz")
SLICES = (*TIFF, ".png", ".bmp", ".jpg", ".jpeg", ".pgm")


def stacks(path: Path) -> dict[str, Array]:
    """The gray volumes of a file or folder by their names, (depth, height, width) each, as stored.

    A TIFF or array file is a stack; of a TIFF in which ImageJ noted several volumes ("frames=8"), each is one; of an
    array with four axes, each entry of the first. A folder of TIFF or array files that have several slices each holds
    a stack a file; a folder of single images holds one stack, its slices in order of the numbers in their names.

    Args:
        path: of a file or folder.

    Raises:
        BadInput: where there is none, where it cannot be read, or where it has no depth.
    """
    if path.is_dir():
        files = sorted((f for f in path.iterdir() if f.suffix.lower() in (*SLICES, *NUMBERS)), key=_natural)
        if not files:
            raise BadInput("there are no slices", str(path), f"they end in {', '.join((*SLICES, *NUMBERS))}")
        read = {file.name: _whole(file) for file in files}
        flat = [name for name, x in read.items() if x.ndim == 3 and len(x) == 1]
        if len(flat) < len(read) and flat:
            raise BadInput(
                "a folder holds either stacks or single slices", f"{path}: {flat[0]} is flat", "sort them apart"
            )
        return {path.name: _piled(read, path)} if flat else _named(read)
    if not path.is_file():
        raise BadInput("there is no such stack", str(path), "check the path")
    if path.suffix.lower() not in (*TIFF, *NUMBERS):
        raise BadInput(
            "a stack is not read from such a file", str(path), f"save it as one of {', '.join((*TIFF, *NUMBERS))}"
        )
    whole = _whole(path)
    if whole.ndim == 3 and len(whole) == 1:
        raise BadInput(
            "this image has no depth", f"{path}, shape {whole.shape[1:]}", "give a stack of slices, or their folder"
        )
    return _named({path.stem: whole})


def otsu(values: Array) -> float:
    """The gray value that parts these into the two classes of least variance within; the middle of the gap between.

    References:
        A threshold selection method from gray-level histograms (Otsu, 1979), doi:10.1109/TSMC.1979.4310076

    >>> otsu(np.array([0, 0, 1, 9, 10, 10]))
    5.0
    """
    if values.dtype.kind in "ub" or np.unique(values[:10_000]).size < 256:
        level, count = np.unique(values, return_counts=True)
        at = level.astype(np.float64)
    else:
        count, edges = np.histogram(values, bins=1024)
        at = (edges[1:] + edges[:-1]) / 2
    below, mass = np.cumsum(count)[:-1], np.cumsum(count * at)
    above = count.sum() - below
    gap = mass[:-1] / np.maximum(below, 1) - (mass[-1] - mass[:-1]) / np.maximum(above, 1)
    between = below.astype(np.float64) * above * gap**2
    best = np.flatnonzero(between >= between.max() * (1 - 1e-12))
    return float((at[best[0]] + at[best[-1] + 1]) / 2)


def segmented(gray: Array, threshold: float) -> Bool[np.ndarray, "D H W"]:
    """Phase 1 where a gray value is above the threshold."""
    return np.asarray(gray > threshold)


def _whole(file: Path) -> Array:
    """All numbers of a file, after a look that they are numbers: (D, H, W), or (frames, D, H, W)."""
    try:
        x = _tiff(file) if file.suffix.lower() in SLICES else _array(file)
    except (
        OSError,
        ValueError,
        EOFError,
        SyntaxError,
        KeyError,
        zipfile.BadZipFile,
        Image.DecompressionBombError,
    ) as e:
        raise BadInput("this stack cannot be read", f"{file} ({e})", "open it in ImageJ and save it again") from e
    x = x[None] if x.ndim == 2 else x
    if x.ndim not in (3, 4) or x.dtype.kind not in "buif":
        raise BadInput(
            "a stack has three axes: depth, height, width",
            f"{file}, shape {x.shape}, {x.dtype}",
            "save it so; several stacks of one size may be (n, depth, height, width)",
        )
    bad = int((~np.isfinite(x)).sum()) if x.dtype.kind == "f" else 0
    if bad:
        raise BadInput(
            "some voxels of this stack are not numbers", f"{file}: {bad} of {x.size}", "fill or cut away these places"
        )
    return x


def _tiff(file: Path) -> Array:
    with Image.open(file) as image:
        told = str(getattr(image, "tag_v2", {}).get(270, ""))
        pages = [np.array(page) for page in ImageSequence.Iterator(image)]
    if any(page.ndim != 2 for page in pages):
        raise ValueError("colored pages; a stack is gray")
    if len({page.shape for page in pages}) > 1:
        raise ValueError("pages of several sizes")
    x = np.stack(pages)
    found = re.search(r"frames=(\d+)", told)
    frames = int(found[1]) if found and told.startswith("ImageJ") else 1
    return x.reshape(frames, -1, *x.shape[1:]) if frames > 1 and len(x) % frames == 0 else x


def _array(file: Path) -> Array:
    if file.suffix.lower() == ".npy":
        return np.asarray(np.load(file, allow_pickle=False))
    with np.load(file, allow_pickle=False) as packed:
        names = [name for name in packed.files if packed[name].ndim >= 3]
        if len(names) != 1:
            raise ValueError(f"{len(names)} arrays with three axes, and one is wanted")
        return np.asarray(packed[names[0]])


def _piled(read: dict[str, Array], path: Path) -> Array:
    shapes = {x.shape for x in read.values()}
    if len(shapes) > 1:
        raise BadInput("the slices of a stack are of one size", f"{path}: {len(shapes)} sizes", "cut them alike")
    return np.concatenate(list(read.values()))


def _named(read: dict[str, Array]) -> dict[str, Array]:
    """Each stack under its name; several in one file are numbered."""
    found: dict[str, Array] = {}
    for name, x in read.items():
        found |= {name: x} if x.ndim == 3 else {f"{name}-{i}": part for i, part in enumerate(x)}
    return found


def _natural(file: Path) -> list[tuple[int, str]]:
    """slice_2 before slice_10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", file.name)]
