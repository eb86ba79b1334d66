"""Datasets of HDF5 and netCDF files: links, fill values, scales, sizes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from simulacra.core.broken import MOST_BYTES, reading
from simulacra.core.errors import BadInput
from simulacra.core.samples import Array

ASIDE = True

MANY = 10_000  # datasets at which no further one is looked for
MARKS = ("_FillValue", "missing_value", "fill_value", "FillValue")


@contextmanager
def opened(path: Path) -> Iterator[h5py.File]:
    """An HDF5 file to read, whatever is broken in it raised as one error of ours."""
    with reading("hdf5", path), h5py.File(path, "r") as file:
        yield file


def datasets(file: h5py.File, path: Path) -> dict[str, h5py.Dataset]:
    """All datasets by name; links within the file are followed once, scales of axes left out.

    Raises:
        BadInput: a link to another file, or one that leads nowhere.
    """
    found: dict[str, h5py.Dataset] = {}
    seen: set[Any] = set()

    def visit(group: h5py.Group, prefix: str) -> None:
        for name in group:
            link = group.get(name, getlink=True)
            if isinstance(link, h5py.ExternalLink):
                raise BadInput(
                    "this is a link to another file",
                    f"{path}: {prefix}{name} → {link.filename}:{link.path}",
                    f"name that file itself: {path.parent / link.filename} --key {link.path.strip('/')}",
                )
            item = group.get(name)
            if item is None:
                if isinstance(link, h5py.SoftLink):
                    stated = f"{path}: {prefix}{name} → {link.path}"
                    raise BadInput("a link leads nowhere", stated, "name another array with --key, or mend the link")
                raise ValueError(f"{prefix}{name} cannot be opened")
            if hash(item.id) in seen or len(found) >= MANY:
                continue
            seen.add(hash(item.id))
            if isinstance(item, h5py.Dataset):
                if item.attrs.get("CLASS") not in (b"DIMENSION_SCALE", "DIMENSION_SCALE"):
                    found[f"{prefix}{name}"] = item
            elif isinstance(item, h5py.Group):
                visit(item, f"{prefix}{name}/")

    visit(file, "")
    return found


def whole(dataset: h5py.Dataset, path: Path) -> Array:
    """All numbers of a dataset as its attributes mean them: scaled, shifted, NaN where they mark what is missing."""
    check_size(dataset)
    x = np.asarray(dataset[()])
    if x.dtype.kind not in "iuf":
        return x
    gone = np.zeros(x.shape, dtype=bool)
    for mark in MARKS:
        if mark in dataset.attrs:
            for value in np.atleast_1d(np.asarray(dataset.attrs[mark])):
                gone |= x == value
    scale, offset = (_number(dataset.attrs.get(name)) for name in ("scale_factor", "add_offset"))
    if scale is None and offset is None and not gone.any():
        return x
    numbers = x.astype(np.float64) * (1.0 if scale is None else scale) + (0.0 if offset is None else offset)
    return np.where(gone, np.nan, numbers)


def check_size(dataset: h5py.Dataset) -> None:
    """Whether a dataset can hold what it promises, before anything is allocated.

    Raises:
        ValueError: it is empty, or promises far more bytes than it stores.
    """
    if dataset.shape is None:
        raise ValueError(f"{dataset.name} is empty")
    stored, wanted = dataset.id.get_storage_size(), dataset.nbytes
    if wanted > MOST_BYTES or (wanted > 2**20 and wanted > 1100 * max(stored, 1)):
        raise ValueError(f"{dataset.name} promises {wanted:,} bytes and stores {stored:,}")


def notes(dataset: h5py.Dataset) -> list[str]:
    """What the attributes of a dataset do to its numbers, in words."""
    scaled = [name for name in ("scale_factor", "add_offset") if name in dataset.attrs]
    return [f"{' and '.join(scaled)} of the file applied"] if scaled else []


def _number(value: object) -> float | None:
    return None if value is None else float(np.asarray(value, dtype=np.float64).ravel()[0])
