"""Datasets of HDF5 and netCDF files: links, fill values, scales, sizes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from simulacra.core.broken import MOST_BYTES, check_opened, reading
from simulacra.core.errors import BadInput
from simulacra.core.samples import Array
from simulacra.sources.files.stored import StoredArray

ASIDE = True

GROUPS = 10  # of one layout, from which on they are samples
MANY = 10_000  # datasets at which no further one is looked for
MARKS = ("_FillValue", "missing_value", "fill_value", "FillValue")


@contextmanager
def opened(path: Path) -> Iterator[h5py.File]:
    """An HDF5 file to read, whatever is broken in it raised as one error of ours.

    Raises:
        BadInput: it holds a link to another file, which would be read with it.
    """
    with reading("hdf5", path), h5py.File(path, "r") as file:
        check_links(file, path)
        yield file


def check_links(file: h5py.File, path: Path) -> None:
    """Refuse links to other files by name, before anything in the file is opened by its name."""

    def look(name: bytes, about: Any) -> bytes | None:  # noqa: ANN401 - h5py's
        return name if about.type not in (h5py.h5l.TYPE_HARD, h5py.h5l.TYPE_SOFT) else None

    outward = file.id.links.visit(look, info=True)
    if outward is not None:
        name, aim = _text(outward), file.id.links.get_val(outward)
        stated = ":".join(map(_text, aim)) if isinstance(aim, tuple) else "elsewhere"
        to = f": {_text(aim[0])} --key {_text(aim[1]).strip('/')}" if isinstance(aim, tuple) else ""
        raise BadInput(
            "this is a link to another file",
            f"{path}: {name} → {stated}",
            f"name that file itself, if it is yours{to}; or copy its data into this one",
        )


def check_own(dataset: h5py.Dataset, path: Path) -> None:
    """Refuse a dataset whose numbers lie in other files, by name, before any of them is opened.

    Raises:
        BadInput: it is stored outside (external storage), or put together of others (a virtual dataset).
    """
    made = dataset.id.get_create_plist()
    virtual, outside = made.get_layout() == h5py.h5d.VIRTUAL, made.get_external_count()
    if virtual or outside:
        if virtual:
            aims = [made.get_virtual_filename(i) for i in range(min(made.get_virtual_count(), 3))]
        else:
            aims = [_text(made.get_external(i)[0]) for i in range(min(outside, 3))]
        raise BadInput(
            f"the numbers of {dataset.name} lie in other files" + (" (a virtual dataset)" if virtual else ""),
            f"{path}: {', '.join(aims) or 'unnamed'}",
            "copy them into one file: h5repack, or h5py's create_dataset",
        )


def _text(name: bytes | str) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)


def datasets(file: h5py.File, path: Path) -> dict[str, h5py.Dataset]:
    """All datasets by name; links within the file are followed once, scales of axes left out.

    Raises:
        BadInput: a link that leads nowhere, or numbers that lie in another file.
    """
    found: dict[str, h5py.Dataset] = {}
    seen: set[Any] = set()

    def visit(group: h5py.Group, prefix: str) -> None:
        for name in group:
            link = group.get(name, getlink=True)
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
                check_own(item, path)
                if item.attrs.get("CLASS") not in (b"DIMENSION_SCALE", "DIMENSION_SCALE"):
                    found[f"{prefix}{name}"] = item
            elif isinstance(item, h5py.Group):
                visit(item, f"{prefix}{name}/")

    visit(file, "")
    return found


def sample_by_sample(there: Mapping[str, h5py.Dataset], key: str = "") -> list[h5py.Dataset]:
    """Datasets of one name in as many groups, a sample each, in the order of the file; empty where it is not so.

    Args:
        there: all datasets of a file, by path.
        key: the name within its group; without one there must be no other.
    """
    leaves = {path.rpartition("/")[2] for path in there if "/" in path}
    wanted = key.strip("/") or (next(iter(leaves)) if len(leaves) == 1 else "")
    found = [item for path, item in there.items() if wanted and path.endswith(f"/{wanted}")]
    whole = key or len(found) == len(there)
    alike = len({(item.shape, item.dtype) for item in found}) == 1 and found[0].dtype.kind in "biuf"
    return found if whole and GROUPS <= len(found) < MANY and alike and wanted not in there else []


def stacked(several: Sequence[h5py.Dataset]) -> Array:
    """Datasets of one shape as one array, each as its attributes mean it."""
    for item in several:
        check_size(item)
    check_opened(
        sum(item.nbytes for item in several), sum(item.id.get_storage_size() for item in several), "all groups"
    )
    return np.stack([meant(item, np.asarray(item[()])) for item in several])


def stored(dataset: h5py.Dataset) -> StoredArray:
    """The numbers of a dataset, of which blocks can be read.

    Raises:
        ValueError: it cannot hold what it promises, or is no set.
    """
    check_size(dataset, most=2**63)
    return StoredArray(dataset, partial(meant, dataset))


def meant(dataset: h5py.Dataset, x: Array) -> Array:
    """Numbers of a dataset as its attributes mean them: scaled, shifted, NaN where they mark what is missing."""
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


def check_size(dataset: h5py.Dataset, most: int = MOST_BYTES) -> None:
    """Whether a dataset can hold what it promises, before anything is allocated.

    Raises:
        ValueError: it is empty, or promises far more bytes than it stores.
    """
    if dataset.shape is None:
        raise ValueError(f"{dataset.name} is empty")
    kept, wanted = dataset.id.get_storage_size(), dataset.nbytes
    check_opened(wanted, kept, str(dataset.name), most)
    if wanted > 2**20 and wanted > 1100 * max(kept, 1):
        raise ValueError(f"{dataset.name} promises {wanted:,} bytes and stores {kept:,}")


def notes(dataset: h5py.Dataset) -> list[str]:
    """What the attributes of a dataset do to its numbers, in words."""
    scaled = [name for name in ("scale_factor", "add_offset") if name in dataset.attrs]
    return [f"{' and '.join(scaled)} of the file applied"] if scaled else []


def _number(value: object) -> float | None:
    return None if value is None else float(np.asarray(value, dtype=np.float64).ravel()[0])
