"""A user's own numbers: npy, npz, HDF5 or FITS."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from simulacra.core.broken import load_npz, map_npy, reading
from simulacra.core.errors import BadInput
from simulacra.core.left import Left
from simulacra.core.part import WHOLE, Part, Taken
from simulacra.core.paths import as_path
from simulacra.core.samples import Array, Samples
from simulacra.sources.files import fields, hdf5, zarr_arrays
from simulacra.sources.files.columns import Layout, by_place, together
from simulacra.sources.files.shapes import checked, doubtful, guessed, prepared, shaped
from simulacra.sources.files.stored import StoredArray, taken

ZARR = ".zarr"
ENDINGS = (".npy", ".npz", ZARR, *fields.HDF5, *fields.FITS)
LISTED = 20  # arrays that an error names
PLANES = frozenset(("SCI", "ERR", "DQ", "VAR", "MASK", "WHT", "IVAR", "BKG", "PSF", "CON", "RMS", "VARIANCE"))
"""Names of extensions that hold the planes of one image, of which SCI is the image."""


@dataclass
class _Found:
    """An array, what its container said, where it lay, and what is known of the whole of which it is a part."""

    x: Array
    where: str
    said: list[str] = field(default_factory=list)
    taken: Taken | None = None


@dataclass(frozen=True)
class Arrays:
    """Samples from one file, the first axis counting them.

    The kind is known from the shape: (n,) and (n, d) are vectors, (n, L, L) of nothing but -1 and 1 (or of truths) a
    lattice, other (n, size, size) fields, (n, height, width, 1 or 3) pictures, also with the channels first. Pictures
    of 8 or 16 bits are divided by 255 or 65535; others lie in 0…1, or in -1…1, which is brought there. A table of a
    FITS or HDF5 file, and an array with named fields, is read by the source Table, as CSV and Parquet are. Whole
    numbers become floating-point ones, except on a lattice. Nothing in a file is ever run.

    The containers' own words are obeyed: FITS BSCALE, BZERO, BLANK; HDF5 and netCDF scale_factor, add_offset,
    _FillValue, missing_value, links within the file. Images of one shape in several extensions of a FITS file are a
    set.

    An npz that holds `Samples` (as `simulacra sample` writes them) comes back as it was.

    Args:
        path: .npy, .npz, .h5, .hdf5, .nc or .fits (also packed), or a folder .zarr.
        key: which array of an npz, Zarr or HDF5 file, which extension of a FITS file (name or number); of an npz with
            several `Samples`, which of them. Needed where there are several.
        kind: "vector", "field", "lattice", "picture" … where the shape shows another one.
        unit: of the numbers.
    """

    path: Path
    key: str = ""
    kind: str = ""
    unit: str = "1"

    def __post_init__(self) -> None:
        as_path(self, "path")
        if not self.path.name.lower().endswith(ENDINGS):
            raise BadInput(
                "arrays are not read from such a file", str(self.path), f"save it as one of {', '.join(ENDINGS)}"
            )

    def read(self) -> Samples:
        """All samples of the file."""
        return self.read_part(WHOLE)

    def read_part(self, part: Part) -> Samples:
        """All samples where they fit into memory, else some of them: of an npz, and of a packed file, always all."""
        if not self.path.exists() or (self.path.is_dir() and not self.path.name.lower().endswith(ZARR)):
            raise BadInput("there is no such file", str(self.path), "check the path")
        if fields.holds_table(self.path, self.key):
            return together({str(self.path): fields.columns(self.path, self.key, part)}, Layout())[0]
        found = self._open(part)
        if isinstance(found, Samples):
            return self._as_written(found)
        numbers, said = prepared(checked(found.x, found.where), self.kind)
        kind = self.kind or guessed(numbers, found.where)
        x = shaped(numbers, kind, found.where)
        left = Left(of=len(x), said=(*found.said, *said), warned=tuple(doubtful(x, kind)), taken=found.taken)
        return by_place(replace(Samples.of(x, kind, self.unit, found.where), left=left), found.taken)

    def _open(self, part: Part) -> _Found | Samples:
        where = f"{self.path}{f', {self.key}' if self.key else ''}"
        name = self.path.name.lower()
        if name.endswith(".npy"):
            if self.key:
                raise BadInput("an npy file holds one array, without a name", f"key={self.key}", "leave the key out")
            return _found(StoredArray(map_npy(self.path)), part, where)
        if name.endswith(".npz"):
            found = self._from_npz(load_npz(self.path))
            return found if isinstance(found, Samples) else _Found(found, where)
        if name.endswith(fields.FITS):
            return self._from_fits(part, where)
        if name.endswith(ZARR):
            with zarr_arrays.opened(self.path) as arrays:
                one = arrays[self._chosen({name: str(item.shape) for name, item in arrays.items()})]
                return _found(StoredArray(one), part, where)
        with hdf5.opened(self.path) as file:
            there = hdf5.datasets(file, self.path)
            if several := hdf5.sample_by_sample(there, self.key):
                return _Found(hdf5.stacked(several), where, [f"{len(several):,} groups of one layout are one set"])
            one = there[self._chosen({name: _shape(item.shape, item.dtype.names) for name, item in there.items()})]
            return _found(hdf5.stored(one), part, where, hdf5.notes(one))

    def _as_written(self, x: Samples) -> Samples:
        for name, asked, found in (
            ("kind", self.kind, x.kind),
            ("unit", self.unit if self.unit != "1" else "", x.unit),
        ):
            if asked and asked != found:
                raise BadInput(
                    f"the file states another {name}",
                    f"{asked!r} asked, {found!r} in {self.path}",
                    f"leave the {name} out",
                )
        return x

    def _from_npz(self, file: Mapping[str, Array]) -> Array | Samples:
        """An array, or the samples that lie in the file bare or each under a name of its own."""
        if self.key in file:
            return file[self.key]
        sets = [name.removesuffix(".about") for name in file if name.endswith(".about")]
        if sets or ("about" in file and not self.key):
            prefix = f"{self._chosen(dict.fromkeys(sets, '(samples)'))}." if sets else ""
            return Samples.from_arrays(dict(file), prefix)
        return file[self._chosen({name: str(array.shape) for name, array in file.items()})]

    def _from_fits(self, part: Part, where: str) -> _Found:
        mapped = self.path.stat().st_size > part.room
        with fields.fits_opened(self.path, mapped) as units, reading("fits", self.path):
            names = Counter(unit.name for unit in units)
            full = {i: unit for i, unit in enumerate(units) if unit.header.get("NAXIS")}
            images = {i: u for i, u in full.items() if u.is_image and len(u.shape) == 2}
            if self.key:  # several extensions of one name are one set
                images = {i: u for i, u in images.items() if u.name == self.key} if names[self.key] > 1 else {}
            elif {u.name for u in images.values()} & PLANES and len({u.name for u in images.values()}) > 1:
                images = {i: u for i, u in images.items() if u.name == "SCI"}
            if len(images) > 1 and (self.key or all(len(u.shape) == 2 for u in full.values() if u.is_image)):
                return self._stacked(images, where)
            filled = {u.name if u.name and names[u.name] == 1 else str(i): u for i, u in full.items()}
            if self.key.isdigit() and int(self.key) in full:
                filled[self.key] = full[int(self.key)]
            unit = filled[self._chosen({name: _shape(_sides(u), None) for name, u in filled.items()})]
            if unit.is_image and len(unit.shape) == 2 and self.kind != "vector":
                raise BadInput(
                    "one image is not a set of samples",
                    f"{self.path}, shape {unit.shape}",
                    "stack images as (n, height, width), or give --kind vector if each row is a sample",
                )
            return _found(StoredArray(unit.section), part, where) if mapped else _Found(np.asarray(unit.data), where)

    def _stacked(self, images: Mapping[int, Any], where: str) -> _Found:
        """Images in extensions as one set."""
        shapes = Counter(unit.shape for unit in images.values())
        if len(shapes) > 1:
            stated = ", ".join(f"{count} of {shape}" for shape, count in shapes.most_common(5))
            raise BadInput(
                "the images of this file have several shapes", f"{self.path}: {stated}", "cut them to one size"
            )
        x = np.stack([np.asarray(unit.data) for unit in images.values()])
        return _Found(x, where, [f"{len(x)} extensions of one shape are one set"])

    def _chosen(self, there: Mapping[str, str]) -> str:
        """The key, or the only one there is."""
        if self.key.strip("/") in there:
            return self.key.strip("/")
        if not self.key and len(there) == 1:
            return next(iter(there))
        wrong = (
            f"the file has no {self.key!r}"
            if self.key
            else "the file holds several arrays"
            if there
            else "the file is empty"
        )
        shown = [f"{name} {shape}" for name, shape in there.items()]
        listed = ", ".join(shown[:LISTED]) + (f" … ({len(shown):,} in all)" if len(shown) > LISTED else "")
        sets = [name for name, shape in there.items() if shape.count(",") > 1] or list(there)
        leaves = Counter(name.rpartition("/")[2] for name in sets)
        sets = [name.rpartition("/")[2] if leaves[name.rpartition("/")[2]] >= hdf5.GROUPS else name for name in sets]
        raise BadInput(
            wrong, f"{self.path}: {listed or 'nothing'}", f"--key {sets[0]}" if there else "name another file"
        )


def _found(stored: StoredArray, part: Part, where: str, said: list[str] | None = None) -> _Found:
    x, known = taken(stored, part)
    if known is not None and known.moments is not None and (gone := int(known.of - known.moments.n.min())):
        raise BadInput(
            "some numbers are NaN or infinite",
            f"{where}: in {gone:,} of {known.of:,} rows at least",
            "take those samples out, or fill the gaps as you see fit",
        )
    return _Found(x, where, said or [], known)


def _sides(unit: Any) -> tuple[int, ...]:  # noqa: ANN401 - astropy's
    """Of an image, or the rows of a table."""
    return tuple(unit.shape) if unit.is_image else (int(unit.header["NAXIS2"]),)


def _shape(shape: tuple[int, ...], names: tuple[str, ...] | None) -> str:
    return f"{shape} of {', '.join(names)}" if names else str(shape)
