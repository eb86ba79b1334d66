"""Stacks of images as gray volumes: TIFF files of many pages, folders of slices, arrays."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from jaxtyping import Bool
from PIL import Image, ImageSequence

from simulacra.core.broken import load_npy, load_npz, reading
from simulacra.core.errors import BadInput
from simulacra.core.packed import check_within
from simulacra.core.samples import Array
from simulacra.domains.pictures.opening import check_pixels, opened

PHOTOMETRIC = 262  # TIFF's tag for what 0 means: white or black
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
        check_within(path, files)
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
    with reading("picture", file, "open it in ImageJ and save it again as one gray stack", "this stack cannot be read"):
        x = _tiff(file) if file.suffix.lower() in SLICES else _array(file)
    if x.ndim in (4, 5) and x.shape[-1] == 1:
        x = x[..., 0]  # a channel axis of one
    if x.ndim in (4, 5) and x.shape[-1] == 3 and bool((x == x[..., :1]).all()):
        x = x[..., 0]
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
    size, pages = file.stat().st_size, []
    with opened(file) as image:
        stated = str(getattr(image, "tag_v2", {}).get(270, ""))
        for number, page in enumerate(ImageSequence.Iterator(image), 1):
            check_pixels(page, size, number)
            pages.append(_page(page))
    if any(page.ndim != 2 for page in pages):
        raise ValueError("colored pages; a stack is gray")
    if len({page.shape for page in pages}) > 1:
        raise ValueError("pages of several sizes")
    x = np.stack(pages)
    axes = {name: int(n) for name, n in re.findall(r"\b(images|channels|slices|frames)=(\d+)", stated)}
    if not stated.startswith("ImageJ"):
        return x
    if axes.get("channels", 1) > 1:
        raise ValueError(f"ImageJ noted {axes['channels']} channels; a stack is gray: split them, and keep one")
    frames = axes.get("frames", 1)
    if frames > 1 and len(x) % frames:
        raise ValueError(f"ImageJ noted {frames} frames, which {len(x)} pages are no multiple of")
    return x.reshape(frames, -1, *x.shape[1:]) if frames > 1 else x


def _page(page: Image.Image) -> Array:
    """The gray values of a page as they are meant: palettes looked up, light where the file says that 0 is white."""
    if page.mode in ("P", "PA"):
        colors = np.asarray(page.convert("RGB"))
        if (colors != colors[..., :1]).any():
            raise ValueError("colored pages (a palette of colors); a stack is gray")
        return np.ascontiguousarray(colors[..., 0])
    if page.mode in ("RGB", "RGBA"):
        colors = np.asarray(page)[..., :3]
        return np.ascontiguousarray(colors[..., 0]) if bool((colors == colors[..., :1]).all()) else colors
    x = np.array(page)
    white = dict(getattr(page, "tag_v2", {})).get(PHOTOMETRIC, 1) == 0
    if white and page.mode not in ("1", "L"):  # those Pillow turns by itself
        return (np.iinfo(x.dtype).max if x.dtype.kind == "u" else x.max() + x.min()) - x
    return x


def _array(file: Path) -> Array:
    if file.suffix.lower() == ".npy":
        return load_npy(file)
    packed = load_npz(file)
    names = [name for name, x in packed.items() if x.ndim >= 3]
    if len(names) != 1:
        raise ValueError(f"{len(names)} arrays with three axes, and one is wanted")
    return packed[names[0]]


def outside(gray: Array) -> Bool[np.ndarray, "D H W"] | None:
    """Where a stack shows nothing of its sample: one value about a scanned cylinder; None if there is no such.

    The edges of all slices hold one value, it fills a tenth of the stack or more, and the middle hardly has it.
    """
    corners = gray[:, [0, 0, -1, -1], [0, -1, 0, -1]]
    value = corners.flat[0]
    if gray.ndim != 3 or min(gray.shape[1:]) < 8 or (corners != value).any():
        return None
    same = gray == value
    _, h, w = gray.shape
    middle = same[:, h // 4 : -(h // 4), w // 4 : -(w // 4)]
    if same.mean() < 0.1 or middle.mean() > 0.01 or len(np.unique(gray[~same][:1000])) < 2:
        return None
    return np.asarray(same)


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
