"""A set in Parquet files, read row group by row group."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from simulacra.core.errors import BadInput, extra
from simulacra.core.paths import as_path
from simulacra.core.samples import Array, Column, Samples
from simulacra.domains.tables.headers import UNIT
from simulacra.sources.base import Names, read_all
from simulacra.sources.files.packed_tables import check_parquet

NUMBERS = ("int", "uint", "float", "double")


@dataclass(frozen=True)
class ParquetSet:
    """Rows of numbers, strings, or objects of one shape: as `simulacra sample -o SET.parquet` writes them.

    A block is a row group. What the files say of themselves (the schema's entry `simulacra`: kind, unit, shape,
    columns) is taken; of other files, all columns of numbers make a row. A column `id` names the records and a column
    `group` says what belongs together, if they are there; else records are named by file and row.

    Args:
        files: a Parquet file, or a folder of such.
        kind: of the samples; empty where the files say it themselves.
        unit: of the samples; empty where the files say it themselves.
        given: columns that the samples are conditioned on, with commas between; empty where the files say it.
    """

    files: Path
    kind: str = ""
    unit: str = ""
    given: str = ""

    def __post_init__(self) -> None:
        as_path(self, "files")

    def names(self) -> Names:
        """From the files' ends, and from the columns `id` and `group`."""
        ids, groups, sizes = [], [], []
        for place, (path, row_group, rows) in enumerate(_blocks(self.files)):
            sizes.append(rows)
            named = self._named(path, row_group, place, rows)
            ids.append(named[0])
            groups.append(named[1])
        return Names(np.concatenate(ids), np.concatenate(groups), tuple(sizes))

    def block(self, place: int) -> Samples:
        """One row group."""
        path, row_group, rows = _blocks(self.files)[place]
        file = _opened(path)
        table, about = file.read_row_group(row_group), _about(path)
        kind, unit = self.kind or about.get("kind", ""), self.unit or about.get("unit", "1")
        if not kind:
            raise BadInput("of which kind these samples are is not said", str(path), "give kind='vector' …")
        asked = [name.strip() for name in self.given.split(",") if name.strip()]
        numbers = [field.name for field in table.schema if str(field.type).startswith(NUMBERS)]
        columns = about.get("columns") or [name for name in numbers if name not in ("id", "group", *asked)]
        given = {
            name.removeprefix("given."): _array(table[name])
            for name in (asked or (table.column_names if about else []))
            if name not in (*columns, "id", "group")
        }
        ids, groups = self._named(path, row_group, place, rows)
        shape = tuple(about.get("shape", (len(columns),)))
        x, units = _objects(table, columns, shape), about.get("given_unit", {})
        return Samples.of(x, kind, unit, f"{self.files}", given, ids, groups, units, _described(columns, shape))

    def read(self) -> Samples:
        """All of it."""
        return read_all(self)

    def _named(self, path: Path, row_group: int, place: int, rows: int) -> tuple[Array, Array]:
        file = _opened(path)
        there = [name for name in ("id", "group") if name in file.schema_arrow.names]
        table = file.read_row_group(row_group, columns=there) if there else None
        own = np.char.add(f"{place}-", np.arange(rows).astype(str))
        ids = np.array(table["id"].to_pylist()).astype(str) if table is not None and "id" in there else own
        return ids, np.array(table["group"].to_pylist()).astype(str) if table is not None and "group" in there else ids


def _objects(table: Any, columns: list[str], shape: tuple[int, ...]) -> Array:  # noqa: ANN401 - a pyarrow.Table
    arrays = [_array(table[name]) for name in columns]
    if len(arrays) == 1 and len(shape) != 1:
        return arrays[0].reshape(table.num_rows, *shape) if shape else arrays[0]
    return np.stack(arrays, axis=1)


def _described(columns: list[str], shape: tuple[int, ...]) -> list[Column]:
    """The numbers of a vector, where they have names of their own, with the units that their headers end in."""
    if len(shape) != 1 or columns == [f"x{place}" for place in range(len(columns))]:
        return []
    return [Column(found[1], found[2]) if (found := UNIT.fullmatch(name)) else Column(name) for name in columns]


def _array(column: Any) -> Array:  # noqa: ANN401 - a pyarrow.ChunkedArray
    whole = column.combine_chunks()
    if str(whole.type).startswith("fixed_size_list"):
        return np.asarray(whole.flatten().to_numpy(zero_copy_only=False))
    values = whole.to_numpy(zero_copy_only=False)
    return values.astype(str) if values.dtype == object else np.asarray(values)


@lru_cache(maxsize=8)
def _opened(path: Path) -> Any:  # noqa: ANN401 - a pyarrow.parquet.ParquetFile
    with extra("scale"):
        import pyarrow
        from pyarrow import parquet
    try:
        check_parquet(path)
        return parquet.ParquetFile(path)
    except (OSError, ValueError, pyarrow.ArrowException) as error:
        raise BadInput(
            "this is no Parquet file", f"{path}: {error}", "name a Parquet file, or a folder of such"
        ) from error


@lru_cache(maxsize=4)
def _blocks(files: Path) -> tuple[tuple[Path, int, int], ...]:
    """File, row group and number of rows of each block."""
    paths = sorted(files.glob("*.parquet")) if files.is_dir() else [files]
    if not paths or not all(path.is_file() for path in paths):
        raise BadInput("there is no Parquet file", str(files), "name a Parquet file, or a folder of such")
    return tuple(
        (path, place, _opened(path).metadata.row_group(place).num_rows)
        for path in paths
        for place in range(_opened(path).metadata.num_row_groups)
    )


def _about(path: Path) -> Mapping[str, Any]:
    told = (_opened(path).schema_arrow.metadata or {}).get(b"simulacra")
    found: Mapping[str, Any] = json.loads(told) if told else {}
    return found
