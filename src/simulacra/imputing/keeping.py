"""Completed tables on disk: one file in the long form that R's mice and others read, or one table of best guesses."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import IO, Any

import numpy as np

from simulacra.core.errors import BadInput, extra
from simulacra.core.progress import Progress
from simulacra.core.samples import Array, Samples
from simulacra.core.writing import replacing
from simulacra.domains.tables.expanded import columns_of
from simulacra.domains.tables.filled import Filled, whole_columns

WRITTEN = (".parquet", ".csv", ".csv.gz")
NUMBER, RECORD = ".imp", ".id"
"""Which completed table a row belongs to (0: as it came), and which row of the table it is, from 1: mice's names."""
Part = dict[str, Any]


def check_name(path: Path) -> None:
    """A name that says no format that is written here is an error."""
    if not path.name.lower().endswith(WRITTEN):
        raise BadInput("completed tables go to Parquet or CSV", str(path), f"end its name in {', '.join(WRITTEN)}")


def write(filled: Filled, carried: Mapping[str, Array], order: Sequence[str], path: Path) -> int:
    """Every completed table below one another, the table as it came first; the best guesses alone without draws.

    Args:
        filled: the gaps, filled in.
        carried: columns that were left alone, by name.
        order: of all columns.
        path: .parquet, .csv or .csv.gz; whole, or not at all.

    Returns:
        how many rows were written.
    """
    put = _parquet if path.name.lower().endswith(".parquet") else _text
    with Progress("writing", len(filled.drawn) + 1) as progress, replacing(path) as file:
        return put(parts(filled, carried, order), file, path, progress)


def parts(filled: Filled, carried: Mapping[str, Array], order: Sequence[str]) -> Iterator[Part]:
    """The columns of one table after another: words for levels, whole numbers whole, None where a cell is missing."""
    whole = dict(zip((c.name for c in columns_of(filled.table)), _stay_whole(filled), strict=True))
    if not len(filled.drawn):
        yield _part({}, filled.best, whole, carried, order)
        return
    n = len(filled.table)
    for number, table in enumerate((filled.table, *filled.tables())):
        head: Part = {NUMBER: np.full(n, number, dtype=np.int32), RECORD: np.arange(1, n + 1, dtype=np.int32)}
        yield _part(head, table, whole, carried, order)


def _part(
    head: Part, table: Samples, whole: Mapping[str, bool], carried: Mapping[str, Array], order: Sequence[str]
) -> Part:
    known = {c.name: (c, table.array[:, k]) for k, c in enumerate(columns_of(table))}
    for name in order:
        if name not in known:
            head[name] = carried[name]
            continue
        column, cells = known[name]
        values = [None if np.isnan(v) else v for v in cells.tolist()]
        if column.levels:
            values = [None if v is None else column.levels[int(v)] for v in values]
        elif whole[name]:
            values = [None if v is None else int(v) for v in values]
        head[name] = values
    return head


def _stay_whole(filled: Filled) -> list[bool]:
    """Columns of whole numbers into which nothing but whole numbers was filled."""
    where = np.nonzero(filled.gaps)[1]
    values = filled.drawn if len(filled.drawn) else filled.guess[None]
    broken = np.unique(where[(values != np.round(values)).any(axis=0)])
    return [bool(w) and k not in broken for k, w in enumerate(whole_columns(filled.table))]


def _parquet(tables: Iterator[Part], file: IO[bytes], path: Path, progress: Progress) -> int:
    with extra("tables"):
        import pyarrow
        import pyarrow.parquet
    rows, writer, schema = 0, None, None
    kept: Part = {}
    try:
        for part in tables:
            made = {name: pyarrow.array(cells, from_pandas=True) for name, cells in part.items()}
            if schema is None:
                kept = part
                schema = pyarrow.schema([(name, _known(pyarrow, one)) for name, one in made.items()])
                writer = pyarrow.parquet.ParquetWriter(file, schema)
            assert writer is not None
            cast = [one.cast(field.type) for one, field in zip(made.values(), schema, strict=True)]
            writer.write_table(pyarrow.table(cast, schema=schema))
            rows += len(next(iter(kept.values())))
            progress.step()
    finally:
        if writer is not None:
            writer.close()
    return rows


def _known(pyarrow: Any, column: Any) -> Any:  # noqa: ANN401 - types of pyarrow
    """The type of a column; text where it holds nothing."""
    return pyarrow.string() if pyarrow.types.is_null(column.type) else column.type


def _text(tables: Iterator[Part], file: IO[bytes], path: Path, progress: Progress) -> int:
    rows = 0
    packed = path.name.lower().endswith(".gz")
    with gzip.GzipFile("", "wb", fileobj=file) if packed else nullcontext(file) as bare:
        text = io.TextIOWrapper(bare, encoding="utf-8", newline="")
        lines = csv.writer(text)
        for part in tables:
            if not rows:
                lines.writerow(list(part))
            plain = [cells if isinstance(cells, list) else cells.tolist() for cells in part.values()]
            columns = [["" if v is None or v != v else v for v in cells] for cells in plain]
            lines.writerows(zip(*columns, strict=True))
            rows += len(columns[0])
            progress.step()
        text.flush()
        text.detach()
    return rows
