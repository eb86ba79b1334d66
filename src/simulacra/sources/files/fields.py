"""Tables with fields: of FITS, of HDF5, and arrays with named fields in npy and npz."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from simulacra.core.broken import MOST_BYTES, check_opened, header, load_npz, map_npy, npz_types, reading, unpacked
from simulacra.core.errors import BadInput, extra
from simulacra.core.part import WHOLE, Part, Taken
from simulacra.core.samples import Array
from simulacra.domains.tables.column import Raw
from simulacra.domains.tables.plausible import few
from simulacra.sources.files import hdf5
from simulacra.sources.files.columns import Cells
from simulacra.sources.files.stored import Stored, StoredArray, taken

ASIDE = True

FITS = (".fits", ".fit", ".fts", ".fits.gz", ".fits.bz2", ".fits.fz")
BLOCK = 2880  # bytes, to which parts of a FITS file are filled up
HDF5 = (".h5", ".hdf5", ".hdf", ".nc")


def holds_table(path: Path, key: str = "") -> bool:
    """Whether a file holds a table with named fields, and nothing else (or it under this key)."""
    name = path.name.lower()
    if not path.is_file() or not name.endswith((*FITS, *HDF5, ".npy", ".npz")):
        return False
    try:
        if name.endswith(".npy"):
            with reading("npy", path), path.open("rb") as file:
                return header(file, path.stat().st_size, path.name)[1].names is not None
        if name.endswith(".npz"):
            types = npz_types(path)
            return (key in types or (not key and len(types) == 1)) and types[key or next(iter(types))].names is not None
        if name.endswith(HDF5):
            with hdf5.opened(path) as file:
                there = hdf5.datasets(file, path)
                return (
                    bool(there)
                    and (key in there or (not key and len(there) == 1))
                    and (there[key or next(iter(there))].dtype.names is not None)
                )
        with fits_opened(path) as units:
            return _table_of(units, key) is not None
    except BadInput:
        return False  # who reads the rest will say


def columns(path: Path, key: str = "", part: Part = WHOLE) -> Cells:
    """The fields of the table by name, with their units; fields of several numbers become a column a number."""
    name = path.name.lower()
    if name.endswith(".npy"):
        return of_structured(*taken(StoredArray(map_npy(path)), part), str(path))
    if name.endswith(".npz"):
        found = load_npz(path)
        return of_structured(found[key or next(iter(found))], None, str(path))
    if name.endswith(HDF5):
        with hdf5.opened(path) as file:
            there = hdf5.datasets(file, path)
            return of_structured(*taken(hdf5.stored(there[key or next(iter(there))]), part), str(path))
    with fits_opened(path, mapped=path.stat().st_size > part.room) as units:
        table = _table_of(units, key)
        assert table is not None
        fields, known = taken(_Fields(table), part)
        raws: dict[str, Raw] = {}
        said: list[str] = []
        for column in table.columns:
            values = fields[column.name]
            if column.null is not None and values.dtype.kind in "iuf":
                gone = values == column.null * (column.bscale or 1) + (column.bzero or 0)
                values = np.where(gone, np.nan, values.astype(np.float64))
                said += [f"{column.name}: {int(gone.sum()):,} values are missing (TNULL)"] if gone.any() else []
            raws |= _split(column.name, values, str(column.unit or "1"), str(path))
        return Cells(raws, True, tuple(said), known)


class _Fields(Stored[dict[str, Array]]):
    """The columns of a table of FITS by name."""

    def __init__(self, table: Any) -> None:  # noqa: ANN401 - astropy's
        self.table = table
        self.rows, self.each = int(table.header["NAXIS2"]), float(table.header["NAXIS1"])

    def whole(self) -> dict[str, Array]:
        """All rows."""
        return {column.name: np.asarray(self.table.data[column.name]) for column in self.table.columns}

    def starts(self) -> list[int]:
        """Of slices of the table."""
        return [*range(0, self.rows, self.step), self.rows]

    def blocks(self, places: range | None = None) -> Iterator[dict[str, Array]]:
        """Slices of the table."""
        starts = self.starts()
        for place in range(len(starts) - 1) if places is None else places:
            rows = self.table.data[starts[place] : starts[place + 1]]
            yield {column.name: np.asarray(rows[column.name]) for column in self.table.columns}

    def length(self, block: dict[str, Array]) -> int:
        """Of any column."""
        return len(next(iter(block.values())))

    def some(self, block: dict[str, Array], at: Array) -> dict[str, Array]:
        """The same rows of each column."""
        return {name: np.array(values[at]) for name, values in block.items()}

    def joined(self, blocks: Sequence[dict[str, Array]]) -> dict[str, Array]:
        """Column by column."""
        return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}

    def numbers(self, block: dict[str, Array]) -> dict[str, Array]:
        """The columns of single numbers."""
        return {name: x for name, x in block.items() if x.ndim == 1 and x.dtype.kind in "biuf"}


def of_structured(x: Array, known: Taken | None, where: str) -> Cells:
    """The fields of an array with named fields."""
    raws: dict[str, Raw] = {}
    for name in x.dtype.names or ():
        raws |= _split(name, x[name], "1", where)
    if not len(x):
        raise BadInput("the table has no rows", where, "name another one")
    return Cells(raws, True, (f"fields as columns: {few(list(raws), 12)}",), known)


def _split(name: str, values: Array, unit: str, where: str) -> dict[str, Raw]:
    if values.dtype.names:
        return {
            k: r
            for inner in values.dtype.names
            for k, r in _split(f"{name}.{inner}", values[inner], unit, where).items()
        }
    if values.ndim > 1:
        flat = values.reshape(len(values), -1)
        return {f"{name}[{i}]": Raw(_plain(flat[:, i], name, where), unit) for i in range(flat.shape[1])}
    return {name: Raw(_plain(values, name, where), unit)}


def _plain(values: Array, name: str, where: str) -> list[str] | Array:
    """Numbers in the machine's own order, or text."""
    if values.dtype.kind in "SU":
        return [(v.decode("utf-8", "replace") if isinstance(v, bytes) else v).strip() for v in values.tolist()]
    if values.dtype.kind == "O" and all(isinstance(v, (bytes, str)) for v in values.tolist()):
        return [(v.decode("utf-8", "replace") if isinstance(v, bytes) else v).strip() for v in values.tolist()]
    if values.dtype.kind in "biuf":
        return values.astype(values.dtype.newbyteorder("="))
    raise BadInput(
        f"column {name!r} holds neither numbers nor words",
        f"{where}: {values.dtype}",
        "save the parts of complex numbers, and each entry of a list, as columns of their own",
    )


@contextmanager
def fits_opened(path: Path, mapped: bool = False) -> Iterator[Any]:
    """The units of a FITS file, scaled as their headers say: BLANK is NaN, also of unsigned numbers.

    A file that was cut is an error; other complaints of astropy's are none of ours.

    Args:
        path: of the file.
        mapped: whether it is too large to be read whole: what is not asked for stays on the disk.
    """
    import warnings

    with extra("astronomy"):
        from astropy.io import fits
    with reading("fits", path), warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        whole, size = _unpacked(path)
        mapped = mapped and isinstance(whole, Path)
        with fits.open(whole, memmap=mapped, uint=False, lazy_load_hdus=False) as units:
            for unit in units:
                stated = unit.fileinfo() or {}
                if stated.get("datLoc", 0) + stated.get("datSpan", 0) > size + BLOCK:
                    raise ValueError(f"an extension promises {stated['datSpan']:,} bytes, the file has {size:,}")
                if unit.is_image:  # one that is packed within the file opens to more than its bytes
                    wanted = math.prod(unit.shape) * abs(int(unit.header.get("BITPIX", 8))) // 8
                    check_opened(wanted, size, f"extension {unit.name!r}", 2**63 if mapped else MOST_BYTES)
            if cut := [str(w.message) for w in heard if "truncated" in str(w.message).lower()]:
                raise ValueError(" ".join(cut[0].split()))
            yield units


def _unpacked(path: Path) -> tuple[Path | io.BytesIO, int]:
    """A FITS file, unpacked by us where it is packed, and its bytes: astropy goes round for ever on some that are cut.

    Raises:
        ValueError: it does not begin as FITS does, or opens to more than can be meant.
    """
    name = path.name.lower()
    whole: Path | io.BytesIO = path
    if name.endswith((".gz", ".bz2")):
        raw = unpacked(path.read_bytes(), "gzip" if name.endswith(".gz") else "bzip2")
        first, size = raw[:6], len(raw)
        whole = io.BytesIO(raw)
    else:
        with path.open("rb") as file:
            first = file.read(6)
        size = path.stat().st_size
    if first != b"SIMPLE":
        packed = {b"\x1f\x8b": "it is packed by gzip: end its name in .gz", b"BZ": "it is packed by bzip2: .bz2"}
        raise ValueError(packed.get(first[:2], "it does not begin as a FITS file does"))
    return whole, size


def _table_of(units: Any, key: str) -> Any:  # noqa: ANN401 - astropy's
    """The unit that holds the table: the one of this key, else the only one where there are no images."""
    tables = {i: unit for i, unit in enumerate(units) if not unit.is_image and len(getattr(unit, "columns", ())) > 0}
    if key:
        named = [unit for i, unit in tables.items() if unit.name == key or str(i) == key]
        return named[0] if named else None
    images = [unit for unit in units if unit.is_image and unit.header.get("NAXIS", 0) > 0]
    return next(iter(tables.values())) if len(tables) == 1 and not images else None
