"""A table of any usual format (CSV, Parquet, Excel, Stata, SAS, SPSS, FITS, HDF5): a sample in each row."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from simulacra.core.broken import reading
from simulacra.core.errors import BadInput
from simulacra.core.part import WHOLE, Part
from simulacra.core.paths import as_path
from simulacra.core.samples import Array, Samples
from simulacra.domains.tables.cells import Comma, read_numbers
from simulacra.domains.tables.column import Raw
from simulacra.domains.tables.headers import UNIT
from simulacra.domains.tables.text import TextTable, all_numbers, read_text
from simulacra.sources.files import fields, statistical
from simulacra.sources.files.columns import Cells, Layout, together
from simulacra.sources.files.drawn_set import holds_set
from simulacra.sources.files.parquet_rows import ENDING, ParquetRows
from simulacra.sources.files.shared_blocks import read_again
from simulacra.sources.files.stored import taken

TEXTS = (".csv", ".tsv", ".tab")
LISTS = (".txt", ".dat")
ENDINGS = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".tab", ".parquet", *statistical.ENDINGS)


@dataclass(frozen=True)
class Table:
    """Rows of one table, of kind "table", the columns known by their headers and described in `columns`.

    A header may end in a unit: "mass [kg]"; so may every cell ("49%", "3 kg"), and a row of units may stand below. Any
    usual dialect is read: separators, quotes, decimal commas, separators of thousands, encodings, comments. Empty cells
    and what stands for a missing value are gaps, NaN.

    A column of true and false is 0 and 1. A column of words holds the places of its levels, at most 20; few numbers are
    no classes. Counters, row numbers, identifiers, constant columns and flags of quality are set aside: `left` of the
    samples says so, and `types` overrules it. Infinite numbers, dates and free text are errors that name the column. A
    table without headers (its first row is all numbers, which do not count the columns) has columns 0, 1, 2 …

    Args:
        path: .csv, .tsv or .tab (each may end in .gz), .parquet; .xlsx, .dta, .sas7bdat, .xpt, .sav, .feather; a table
            of a FITS or HDF5 file; .txt, .dat of numbers; a folder .parquet of part files.
        given: columns on which the samples are conditioned: compared within each of their values.
        group: the column that names which rows depend on each other (years, patients, simulations); "" for none.
        key: the one column to read; "" reads all.
        columns: those to read; empty reads all.
        types: what columns are, as ("zip=category", "code=number", "note=aside"), where that is to be overruled.
    """

    path: Path
    given: tuple[str, ...] = ()
    group: str = ""
    key: str = ""
    columns: tuple[str, ...] = ()
    types: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        as_path(self, "path")

    def read(self) -> Samples:
        """All rows."""
        return alike([self.path], Layout(self.given, self.group, self.key, self.columns, self.types))[0]


def alike(paths: Sequence[Path], layout: Layout | None = None, part: Part = WHOLE) -> list[Samples]:
    """Several tables with the same columns, in the order of the first, and a column for every class that any has.

    Args:
        paths: of the files; the first is the truth.
        layout: what is asked of the columns; its key names a table of a FITS or HDF5 file, or a column.
        part: how much is read of Parquet, FITS, HDF5 and npy; all else is read whole.
    """
    asked = layout or Layout()
    names = [f"{path}" if list(paths).count(path) == 1 else f"{path}, number {i}" for i, path in enumerate(paths, 1)]
    tables = {}
    for name, path in zip(names, paths, strict=True):
        with read_again(partial(columns, path, asked.key, part)):
            tables[name] = columns(path, asked.key, part)
    if all(fields.holds_table(p, asked.key) or p.name.lower().endswith(statistical.EXCEL) for p in paths):
        asked = replace(asked, key="")  # it named the table
    return together(tables, asked)


def holds_table(path: Path, key: str = "") -> bool:
    """Whether a file is a table: by its ending, or by what it holds."""
    name = path.name.lower()
    if path.is_dir():
        return name.endswith(ENDING) and not holds_set(path)
    if name.endswith(ENDINGS):
        return True
    if name.removesuffix(".gz").endswith(LISTS):
        return all_numbers(path)
    return fields.holds_table(path, key)


def columns(path: Path, key: str = "", part: Part = WHOLE) -> Cells:
    """The columns of a file, or of a folder of part files, by name."""
    if not path.is_file() and not (path.is_dir() and path.name.lower().endswith(ENDING)):
        raise BadInput("there is no such file", str(path), "check the path")
    if path.name.lower().endswith(ENDING):
        frame, known = taken(ParquetRows(path), part)
        return replace(of_frame(frame, str(path)), taken=known)
    if path.name.lower().endswith(statistical.ENDINGS):
        return of_frame(statistical.frame(path, key), str(path))
    if fields.holds_table(path, key):
        return fields.columns(path, key, part)
    return of_text(read_text(path), str(path))


def of_text(text: TextTable, where: str) -> Cells:
    """The columns of a text table; where a comma is unclear in one, the others tell."""
    header = [name or ("" if i == 0 else f"column {i + 1}") for i, name in enumerate(text.header)]
    names, units = named(header) if header else ([str(i) for i in range(text.width)], ["1"] * text.width)
    check_names(names, where)
    if text.units:
        units = [below if above == "1" else above for above, below in zip(units, text.units, strict=True)]
    cells = {name: text.column(place) for place, name in enumerate(names)}
    comma = _comma(list(cells.values()), text.separator)
    said = (*text.said, *([f"{where}: a comma is the decimal sign"] if comma == "decimal" else []))
    raws = {name: Raw(column, unit, comma) for (name, column), unit in zip(cells.items(), units, strict=True)}
    return Cells(raws, bool(header), said)


def _comma(cells: Sequence[list[str]], separator: str) -> Comma:
    """What a comma is in a file: as its clear columns say; else as its separator suggests."""
    some = [column[:2000] for column in cells if any("," in cell for cell in column[:2000])]
    clear = {found for column in some if (found := read_numbers(column).comma) in ("decimal", "thousands")}
    if len(clear) == 1:
        return clear.pop()
    return "" if clear or not some else {";": "decimal", ",": "thousands"}.get(separator, "")  # type: ignore[return-value]


def named(header: Sequence[str]) -> tuple[list[str], list[str]]:
    """Names and units of headers; a unit that distinguishes two columns stays part of their names.

    >>> named(["mass [kg]", "y", "y [nM]"])
    (['mass', 'y', 'y [nM]'], ['kg', '1', '1'])
    """
    pairs = [(found[1], found[2]) if (found := UNIT.fullmatch(name)) else (name, "1") for name in header]
    bare = Counter(name for name, _ in pairs)
    kept = [pair if bare[pair[0]] == 1 else (name, "1") for pair, name in zip(pairs, header, strict=True)]
    return [name for name, _ in kept], [unit for _, unit in kept]


def check_names(names: Sequence[str], where: str) -> None:
    """Two columns of one name cannot be said apart."""
    if len(set(names)) < len(names):
        raise BadInput(
            "two columns have the same header", f"{where}: {', '.join(names[:20])}", "give each a name of its own"
        )


def of_frame(frame: Any, where: str) -> Cells:  # noqa: ANN401 - a pandas frame; its name would import pandas
    """The columns of a frame; its index is left out, and lists in cells become columns."""
    headers = [".".join(map(str, name)) if isinstance(name, tuple) else str(name) for name in frame.columns]
    names, units = named(headers)
    check_names(names, where)
    if not len(frame):
        raise BadInput("the table has no rows", where, "name another one")
    found: dict[str, Raw] = {}
    said: list[str] = []
    for place, (name, unit) in enumerate(zip(names, units, strict=True)):
        raw = _of_series(frame.iloc[:, place])
        if raw is not None:
            found[name] = Raw(raw, unit, order=_order(frame.iloc[:, place]))
            continue
        lists = _of_lists(frame.iloc[:, place], name, where)
        said.append(f"{name}: lists of {len(lists)} numbers become {len(lists)} columns")
        found |= {key: Raw(values, unit) for key, values in lists.items()}
    return Cells(found, True, tuple(said))


def _of_series(column: Any) -> list[str] | Array | None:  # noqa: ANN401 - a pandas series
    """Numbers, dates or text; None where the cells are lists."""
    if column.dtype.kind in "biufmM" and not hasattr(column.dtype, "tz"):
        return np.asarray(column)
    if getattr(column.dtype, "tz", None) is not None:
        return np.asarray(column.dt.tz_localize(None))
    kind = getattr(column.dtype, "numpy_dtype", np.dtype("O")).kind
    if column.dtype.kind != "O" and kind in "biuf":
        return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))
    missing = np.asarray(column.isna())
    there = [v for v, gone in zip(column, missing, strict=True) if not gone]
    if there and all(isinstance(v, (list, tuple, np.ndarray, set, dict)) for v in there[:100]):
        return None
    if there and all(isinstance(v, (bool, np.bool_)) for v in there):
        return [("" if gone else str(v).lower()) for v, gone in zip(column, missing, strict=True)]
    if there and all(isinstance(v, (int, float, np.number)) and not isinstance(v, bool) for v in there):
        return np.array([np.nan if gone else float(v) for v, gone in zip(column, missing, strict=True)])
    words = [v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in there]
    kept = iter(words)
    return ["" if gone else next(kept) for gone in missing]


def _order(column: Any) -> tuple[str, ...]:  # noqa: ANN401 - a pandas series
    """The levels of an ordered category; empty for anything else."""
    if not getattr(column.dtype, "ordered", False):
        return ()
    return tuple(str(level) for level in column.dtype.categories)


def _of_lists(column: Any, name: str, where: str) -> dict[str, Array]:  # noqa: ANN401 - a pandas series
    """A column a number of lists of one length."""
    lengths = {len(v) if hasattr(v, "__len__") else 0 for v in column}
    if len(lengths) == 1:
        with reading(
            "table", where, "bring each number into a column of its own", "cells hold lists that are no numbers"
        ):
            x = np.array([np.asarray(v, dtype=np.float64) for v in column])
        if x.ndim == 2 and x.shape[1]:
            return {f"{name}[{i}]": x[:, i] for i in range(x.shape[1])}
    raise BadInput(
        f"the cells of column {name!r} hold lists of several lengths",
        f"{where}: {', '.join(map(str, sorted(lengths)[:5]))}",
        "bring each number into a column of its own",
    )


def frames_alike(*things: Any) -> list[Any]:  # noqa: ANN401 - arrays, frames, Samples, None
    """The same things, with pandas frames as samples of the same columns where all of them are frames."""
    pandas = sys.modules.get("pandas")  # who hands over a frame has imported it
    given = {place: thing for place, thing in enumerate(things) if thing is not None}
    if pandas is None or not all(isinstance(thing, pandas.DataFrame) for thing in given.values()):
        return list(things)
    names = {0: "model", 1: "truth", 2: "train"}
    tables: Mapping[str, Cells] = {names[place]: of_frame(thing, names[place]) for place, thing in given.items()}
    found = dict(zip(given, together(tables, Layout(), truth="truth"), strict=True))
    return [found.get(place) for place in range(len(things))]
