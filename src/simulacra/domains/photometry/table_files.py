"""Tables of astronomers as files: FITS, VOTable, ECSV, Parquet and CSV, columns by name with their units."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from simulacra.core.broken import reading
from simulacra.core.errors import BadInput, extra
from simulacra.core.samples import Array
from simulacra.core.writing import write_bytes

FORMATS = {
    ".fits": "fits",
    ".fit": "fits",
    ".vot": "votable",
    ".xml": "votable",
    ".ecsv": "ascii.ecsv",
    ".parquet": "",
    ".csv": "",
}
"""Endings of such files, and what astropy calls them; the last two are read and written without it."""


def write_table(columns: Mapping[str, Array], units: Mapping[str, str], notes: Mapping[str, str], path: Path) -> None:
    """Write columns under a name whose ending says the format.

    Args:
        columns: by name.
        units: of each column that has one.
        notes: for the header: short words each; a CSV file has none.
        path: of the file.
    """
    ending = path.suffix.lower()
    if ending == ".parquet":
        _to_parquet(columns, units, notes, path)
    elif ending == ".csv":
        text = io.StringIO()
        lines = csv.writer(text, lineterminator="\n")
        lines.writerow(columns)
        lines.writerows(zip(*([_cell(v) for v in values.tolist()] for values in columns.values()), strict=True))
        write_bytes(path, text.getvalue().encode())
    else:
        with extra("sky"):
            from astropy.table import Column, Table

        table = Table([Column(v, name=k, unit=units.get(k) or None) for k, v in columns.items()])
        short = {k.upper()[:8]: v[:66] for k, v in notes.items()}
        table.meta.update(short if ending.startswith(".fit") else notes)
        out: io.StringIO | io.BytesIO = io.StringIO() if ending == ".ecsv" else io.BytesIO()
        table.write(out, format=FORMATS[ending])
        found = out.getvalue()
        write_bytes(path, found.encode() if isinstance(found, str) else found)


def _cell(value: object) -> object:
    return "" if isinstance(value, float) and np.isnan(value) else value


def _to_parquet(columns: Mapping[str, Array], units: Mapping[str, str], notes: Mapping[str, str], path: Path) -> None:
    with extra("tables"):
        import pyarrow as pa
        from pyarrow import parquet

    fields = [
        pa.field(k, pa.array(v[:1]).type, metadata={"unit": units[k]} if units.get(k) else {})
        for k, v in columns.items()
    ]
    table = pa.table([pa.array(v) for v in columns.values()], schema=pa.schema(fields, metadata=dict(notes)))
    out = io.BytesIO()
    parquet.write_table(table, out)
    write_bytes(path, out.getvalue())


def read_columns(path: Path) -> dict[str, Array]:
    """Columns by name, lower case: numbers as float64, words as texts; what is empty or masked is NaN.

    Raises:
        BadInput: where there is no such file, or it is no such table.
    """
    if not path.is_file():
        raise BadInput("there is no such table", str(path), "name a FITS, VOTable, ECSV, Parquet or CSV file")
    ending = path.suffix.lower()
    if ending not in FORMATS:
        raise BadInput("a catalogue's table ends in " + ", ".join(FORMATS), str(path), "save it as one of these")
    with reading("table", path, "save it anew, as FITS, VOTable, ECSV, Parquet or CSV"):
        found = _by_csv(path) if ending == ".csv" else _by_parquet(path) if ending == ".parquet" else _by_astropy(path)
    if not found or not len(next(iter(found.values()))):
        raise BadInput("this table has no rows", str(path), "give one that lists sources")
    return {name.strip().lower(): values for name, values in found.items()}


def _by_csv(path: Path) -> dict[str, Array]:
    with path.open(newline="", encoding="utf-8") as file:
        lines = csv.reader(file)
        header = next(lines, [])
        cells = [line for line in lines if line]
    if any(len(line) != len(header) for line in cells):
        raise BadInput("the rows of this table differ in length", str(path), "mend the rows")
    return {name: _read([line[k] for line in cells]) for k, name in enumerate(header)}


def _read(cells: list[str]) -> Array:
    try:
        return np.array([float(cell) if cell.strip() else np.nan for cell in cells], dtype=np.float64)
    except ValueError:
        return np.array([cell.strip() for cell in cells], dtype=str)


def _by_parquet(path: Path) -> dict[str, Array]:
    with extra("tables"):
        from pyarrow import parquet
    table = parquet.read_table(path)
    return {name: _plain(np.array(table.column(name).to_pylist())) for name in table.column_names}


def _by_astropy(path: Path) -> dict[str, Array]:
    with extra("sky"):
        from astropy.table import Table
    ending = path.suffix.lower()
    table = Table.read(path, format=FORMATS[ending], **({"hdu": 1} if ending.startswith(".fit") else {}))
    found = {}
    for name in table.colnames:
        column = table[name]
        if column.ndim != 1:
            continue
        filled = np.ma.filled(column.astype(float), np.nan) if column.dtype.kind in "iuf" else np.asarray(column)
        found[str(name)] = _plain(np.asarray(filled))
    return found


def _plain(values: Array) -> Array:
    """Numbers as float64, all else as texts."""
    if values.dtype.kind in "biuf":
        return values.astype(np.float64)
    if values.dtype.kind == "O":
        try:
            return np.array([np.nan if v is None else float(v) for v in values], dtype=np.float64)
        except (TypeError, ValueError):
            return np.array(["" if v is None else str(v) for v in values], dtype=str)
    return np.char.strip(np.char.decode(values) if values.dtype.kind == "S" else values)
