"""A table: CSV or Parquet, a sample in each row, numbers and classes in its columns."""

from __future__ import annotations

import csv
import gzip
import io
import re
import sys
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from simulacra.core.errors import BadInput, extra
from simulacra.core.samples import Array, Samples
from simulacra.sources.files.columns import Columns, Layout, together, typed

ENDINGS = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet")
UNIT = re.compile(r"(.*\S)\s*\[(.+)\]")


@dataclass(frozen=True)
class Table:
    """Rows of one table as vectors, the columns known by their headers.

    A header may end in a unit: "mass [kg]". A column of true and false is 0 and 1. A column of words becomes a column
    of 0 and 1 for each of at most 20 classes (one column where there are two). Empty cells, infinite numbers and dates
    are errors that name the column. A table without headers (its first row is all numbers) has columns 0, 1, 2 …

    Args:
        path: .csv, .tsv (either may end in .gz) or .parquet.
        given: columns on which the samples are conditioned: compared within each of their values.
        group: the column that names which rows depend on each other (years, patients, simulations); "" for none.
        key: the one column to read; "" reads all.
    """

    path: Path
    given: tuple[str, ...] = ()
    group: str = ""
    key: str = ""

    def read(self) -> Samples:
        """All rows."""
        return together({str(self.path): columns(self.path)}, Layout(self.given, self.group, self.key))[0]


def alike(paths: Sequence[Path], given: tuple[str, ...] = (), group: str = "", key: str = "") -> list[Samples]:
    """Several tables with the same columns, in the order of the first, and a column for every class that any has."""
    names = [f"{path}" if list(paths).count(path) == 1 else f"{path}, number {i}" for i, path in enumerate(paths, 1)]
    return together({name: columns(path) for name, path in zip(names, paths, strict=True)}, Layout(given, group, key))


def columns(path: Path) -> Columns:
    """The columns of a file, by name."""
    if not path.is_file():
        raise BadInput("there is no such file", str(path), "check the path")
    if path.name.lower().endswith(".parquet"):
        return _from_parquet(path)
    header, rows = rows_of_text(path)
    names, units = named(header) if header else ([str(i) for i in range(len(rows[0]))], list[str]())
    check_names(names, str(path))
    cells = zip(*rows, strict=True)
    return Columns(
        {name: typed(np.array(column, dtype=np.str_)) for name, column in zip(names, cells, strict=True)},
        dict(zip(names, units, strict=True)) if header else {},
    )


def rows_of_text(path: Path, blank: bool = False) -> tuple[list[str], list[list[str]]]:
    """Header (empty if the first row is all numbers) and rows of a text table; every row as long as the first.

    Args:
        path: of the file.
        blank: whether an empty line within a table of one column is a row with an empty cell.
    """
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if path.name.lower().endswith(".gz") else raw).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise BadInput("this table cannot be read", f"{path} ({error})", "save it as CSV in UTF-8") from error
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error as error:
        raise BadInput("this table cannot be read", f"{path} ({error})", "save it as CSV in UTF-8") from error
    if blank and rows and len(rows[0]) == 1:
        while rows and not any(rows[-1]):
            rows.pop()
        rows = [row or [""] for row in rows]
    else:
        rows = [row for row in rows if any(cell.strip() for cell in row)]
    rows = [[cell.strip() for cell in row] for row in rows]
    header: list[str] = []
    if rows and not all(is_number(cell) for cell in rows[0]):
        header, *rows = rows
    if not rows:
        raise BadInput("the file is empty" if not header else "the table has no rows", str(path), "name another file")
    for line, row in enumerate(rows, start=1):
        if len(row) != len(header or rows[0]):
            raise BadInput(
                "a row has another length than the first",
                f"{path}, row {line}: {len(row)} cells",
                f"give it {len(header or rows[0])}",
            )
    return header, rows


def header_of(path: Path) -> list[str]:
    """The first line of a text table, whatever it holds."""
    opened = gzip.open if path.name.lower().endswith(".gz") else open
    try:
        with opened(path, "rt", encoding="utf-8-sig") as file:
            head = file.readline()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError):
        return []  # who reads the rest will tell
    cells = next(csv.reader([head], delimiter=max(",;\t", key=head.count)), [])
    return [cell.strip() for cell in cells]


def named(header: Sequence[str]) -> tuple[list[str], list[str]]:
    """Names and units of headers; a unit that tells two columns apart stays part of their names.

    >>> named(["mass [kg]", "y", "y [nM]"])
    (['mass', 'y', 'y [nM]'], ['kg', '1', '1'])
    """
    pairs = [(found[1], found[2]) if (found := UNIT.fullmatch(name)) else (name, "1") for name in header]
    bare = [name for name, _ in pairs]
    kept = [pair if bare.count(pair[0]) == 1 else (name, "1") for pair, name in zip(pairs, header, strict=True)]
    return [name for name, _ in kept], [unit for _, unit in kept]


def check_names(names: Sequence[str], where: str) -> None:
    """Two columns of one name cannot be told apart."""
    if len(set(names)) < len(names):
        raise BadInput(
            "two columns have the same header", f"{where}: {', '.join(names)}", "give each a name of its own"
        )


def is_number(cell: str) -> bool:
    """Whether a cell reads as a number (NaN and infinity do)."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _from_parquet(path: Path) -> Columns:
    with extra("tables"):
        import pandas
        import pyarrow
    try:
        frame = pandas.read_parquet(path)
    except (OSError, ValueError, pyarrow.ArrowException) as error:
        hint = "it may be half-written: make it again"
        raise BadInput("this file cannot be read", f"{path} ({error})", hint) from error
    return of_frame(frame, str(path))


def of_frame(frame: Any, where: str) -> Columns:  # noqa: ANN401 - a pandas frame; its name would import pandas
    """The columns of a frame; its index is left out."""
    headers = [str(name) for name in frame.columns]
    names, units = named(headers)
    check_names(names, where)
    if not len(frame):
        raise BadInput("the table has no rows", where, "name another one")
    found: dict[str, Array] = {}
    for place, name in enumerate(names):
        column = frame.iloc[:, place]
        if column.dtype.kind in "biufmM":
            found[name] = typed(np.asarray(column))
            continue
        if (
            column.dtype.kind != "O"
            and hasattr(column.dtype, "numpy_dtype")
            and column.dtype.numpy_dtype.kind in "biuf"
        ):
            found[name] = column.to_numpy(dtype=np.float64, na_value=np.nan)
            continue
        missing = np.asarray(column.isna())
        found[name] = typed(np.array(["" if gone else str(v) for v, gone in zip(column, missing, strict=True)]))
    return Columns(found, dict(zip(names, units, strict=True)))


def frames_alike(*things: Any) -> list[Any]:  # noqa: ANN401 - arrays, frames, Samples, None
    """The same things, with pandas frames as samples of the same columns where all of them are frames."""
    pandas = sys.modules.get("pandas")  # who hands over a frame has imported it
    given = {place: thing for place, thing in enumerate(things) if thing is not None}
    if pandas is None or not all(isinstance(thing, pandas.DataFrame) for thing in given.values()):
        return list(things)
    names = ("model", "truth", "train")
    tables: Mapping[str, Columns] = {names[place]: of_frame(thing, names[place]) for place, thing in given.items()}
    found = iter(together(tables, Layout()))
    return [None if thing is None else next(found) for thing in things]
