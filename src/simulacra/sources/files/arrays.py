"""A user's own numbers: npy, npz, HDF5 or FITS."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from simulacra.core.errors import BadInput, extra
from simulacra.core.samples import Array, Samples
from simulacra.kinds.base import Kind, kind_of, kinds

ENDINGS = (".npy", ".npz", ".h5", ".hdf5", ".fits", ".fits.gz")


@dataclass(frozen=True)
class Arrays:
    """Samples from one file, the first axis counting them.

    The kind is told by the shape: (n,) and (n, d) are vectors, (n, L, L) of nothing but -1 and 1 a lattice, other
    (n, size, size) fields, (n, height, width, 1 or 3) pictures. Pictures of 8 or 16 bits are divided by 255 or 65535;
    other ones must lie in 0…1. In a table of a FITS file each row is a vector (CSV and Parquet are read by the source
    Table). Whole numbers become floating-point ones, except on a lattice. Nothing in a file is ever run.

    An npz that holds `Samples` (as `simulacra sample` writes them) comes back as it was.

    Args:
        path: .npy, .npz, .h5, .hdf5 or .fits.
        key: which array of an npz or HDF5 file, which extension of a FITS file (name or number); of an npz with
            several `Samples`, which of them. Needed where there are several.
        kind: "vector", "field", "lattice", "picture" … where the shape tells another one.
        unit: of the numbers.
    """

    path: Path
    key: str = ""
    kind: str = ""
    unit: str = "1"

    def __post_init__(self) -> None:
        if not self.path.name.lower().endswith(ENDINGS):
            raise BadInput(
                "arrays are not read from such a file", str(self.path), f"save it as one of {', '.join(ENDINGS)}"
            )

    def read(self) -> Samples:
        """All samples of the file."""
        if not self.path.is_file():
            raise BadInput("there is no such file", str(self.path), "check the path")
        try:
            x = self._open()
        except (OSError, ValueError, EOFError, zipfile.BadZipFile, KeyError, UnicodeDecodeError) as error:
            objects = "pickle" in str(error)
            hint = "save plain numbers, not Python objects" if objects else "it may be half-written: make it again"
            raise BadInput("this file cannot be read", f"{self.path} ({error})", hint) from error
        if isinstance(x, Samples):
            return self._as_written(x)
        where = f"{self.path}{f', {self.key}' if self.key else ''}"
        numbers = checked(x, where)
        kind = self.kind or guessed(numbers, where)
        return Samples.of(shaped(numbers, kind, where), kind, self.unit, where)

    def _open(self) -> Array | Samples:
        ending = self.path.name.lower().removesuffix(".gz").rpartition(".")[2]
        if ending == "npy":
            if self.key:
                raise BadInput("an npy file holds one array, without a name", f"key={self.key}", "leave the key out")
            return np.asarray(np.load(self.path, allow_pickle=False))
        if ending == "npz":
            with np.load(self.path, allow_pickle=False) as file:
                return self._from_npz(file)
        return self._from_fits() if ending == "fits" else self._from_hdf5()

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
            return Samples.from_arrays({name: file[name] for name in file}, prefix)
        return file[self._chosen({name: str(file[name].shape) for name in file})]

    def _from_hdf5(self) -> Array:
        with h5py.File(self.path, "r") as file:
            found: dict[str, Any] = {}
            file.visititems(lambda name, item: found.update({name: item}) if isinstance(item, h5py.Dataset) else None)
            return np.asarray(found[self._chosen({name: str(item.shape) for name, item in found.items()})])

    def _from_fits(self) -> Array:
        with extra("astronomy"):
            from astropy.io import fits
        with fits.open(self.path, memmap=False) as units:
            names = Counter(unit.name for unit in units)
            filled = {
                unit.name if unit.name and names[unit.name] == 1 else str(i): unit
                for i, unit in enumerate(units)
                if unit.data is not None
            }
            if self.key.isdigit() and int(self.key) < len(units) and units[int(self.key)].data is not None:
                filled[self.key] = units[int(self.key)]
            unit = filled[self._chosen({name: str(unit.data.shape) for name, unit in filled.items()})]
            if unit.is_image and unit.data.ndim == 2 and self.kind != "vector":
                raise BadInput(
                    "one image is not a set of samples",
                    f"{self.path}, shape {unit.data.shape}",
                    "stack images as (n, height, width), or give --kind vector if each row is a sample",
                )
            if unit.is_image:
                return np.asarray(unit.data)
            return np.column_stack([np.asarray(unit.data[name]) for name in unit.columns.names])

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
        listed = ", ".join(f"{name} {shape}" for name, shape in there.items())
        raise BadInput(
            wrong, f"{self.path}: {listed or 'nothing'}", f"--key {next(iter(there))}" if there else "name another file"
        )


def checked(x: Array, where: str) -> Array:
    """Finite real numbers in the machine's own byte order, or a clear error."""
    if x.dtype.kind not in "biuf":
        raise BadInput(
            "this array does not hold real numbers",
            f"{where}, {x.dtype}",
            "save real numbers (parts of complex ones on an axis)",
        )
    if x.size == 0 or x.ndim == 0:
        raise BadInput("this array holds no samples", f"{where}, shape {x.shape}", "the first axis counts the samples")
    if x.dtype.kind == "f":
        bad = ~np.isfinite(x)
        if bad.any():
            first = tuple(int(i) for i in np.unravel_index(int(np.argmax(bad)), x.shape))
            raise BadInput(
                "some numbers are NaN or infinite",
                f"{where}: {int(bad.sum())} of {x.size}, the first at {first}",
                "take those samples out, or fill the gaps as you see fit",
            )
        return x.astype(np.float32 if x.dtype.itemsize <= 4 else np.float64)
    return x.astype(x.dtype.newbyteorder("="))


def guessed(x: Array, where: str) -> str:
    """The kind that the shape tells."""
    found = [name for name, kind in kinds().items() if kind.evident(x)]
    if found:
        return found[0]
    known = ", ".join(
        f"{kind.shape} ({name})" for name, kind in kinds().items() if type(kind).evident is not Kind.evident
    )
    raise BadInput(
        "the shape does not tell of what kind these samples are",
        f"{where}, shape {x.shape}",
        f"state the kind, or bring them to {known}",
    )


def shaped(x: Array, kind: str, where: str) -> Array:
    """The array as its kind wants it; one of a kind that is not known stays as it is."""
    return kind_of(kind).shaped(x, where)
