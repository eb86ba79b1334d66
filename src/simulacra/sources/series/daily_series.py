"""A user's own daily series: a table with dates and values, CSV or Parquet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from simulacra.core.broken import reading
from simulacra.core.errors import BadInput, extra
from simulacra.core.paths import as_path
from simulacra.core.samples import Array, Samples
from simulacra.domains.series.day_tables import panel_of
from simulacra.domains.series.panel import Panel
from simulacra.domains.tables.text import read_text

ENDINGS = (".csv", ".tsv", ".csv.gz", ".tsv.gz", ".parquet")


@dataclass(frozen=True)
class DailySeries:
    """Series of one value a day, with gaps.

    The table is wide (a column each) or long (a column names the series). Dates are written as 1990-12-31, in any
    order; days without a row stay open, as do cells that are empty or NA. A column named "day" may count days 1, 2 …
    of a year that is not stated: they are put on a nominal calendar, and the origin says so. Any usual dialect of CSV
    is read. Columns that are constant, yes and no, or flags are no series where others are left, and usual codes for
    missing values (-999, 9999.9) that lie far from all others are gaps; `left` of the panel says so. Times of day, time
    zones, dates that are there twice or far from all others, and numbers of which a comma may separate thousands or
    decimals are refused.

    Args:
        path: .csv or .parquet (with the extra "tables").
        date: header of the dates; by default a column named date, ds, day, time …, or the first that holds dates.
        value: header of the values, several separated by commas; by default all columns that are left.
        series: header of the names of the series; by default a column named series, station, state, site …
        unit: of the values; by default what the header states, as "temp [°F]" or "temp_F".
        totals: whether the values are running totals; what each day added is read then, negative corrections kept.
    """

    kind: ClassVar[str] = "series"

    path: Path
    date: str = ""
    value: str = ""
    series: str = ""
    unit: str = ""
    totals: bool = False

    def __post_init__(self) -> None:
        as_path(self, "path")
        if not self.path.name.lower().endswith(ENDINGS):
            raise BadInput(
                "daily series are not read from such a file", str(self.path), f"save it as one of {', '.join(ENDINGS)}"
            )

    def panel(self) -> Panel:
        """The series on one calendar."""
        if not self.path.is_file():
            raise BadInput("there is no such file", str(self.path), "check the path")
        text = not self.path.name.lower().endswith(".parquet")
        columns = csv_columns(self.path) if text else parquet_columns(self.path)
        found = panel_of(columns, self.date, self.value, self.series, self.unit, str(self.path), text)
        return found.daily() if self.totals else found

    def read(self) -> Samples:
        """One sample a series, (series, days), NaN where nothing was measured."""
        return self.panel().to_samples()


def csv_columns(path: Path) -> dict[str, Array]:
    """The columns of a CSV file of any dialect by their headers, all as text."""
    found = read_text(path)
    if not found.header:
        raise BadInput(
            "this table has no headers", f"{path}: {', '.join(found.rows[0][:5])}", "give a first line with headers"
        )
    header = list(found.header)
    if len(set(header)) < len(header) or "" in header[1:]:
        raise BadInput("each column needs a name of its own", f"{path}: {', '.join(header)}", "name the columns apart")
    if found.units:
        header = [name if unit == "1" else f"{name} [{unit}]" for name, unit in zip(header, found.units, strict=True)]
    return {name: np.array(found.column(place)) for place, name in enumerate(header)}


def parquet_columns(path: Path) -> dict[str, Array]:
    """The columns of a Parquet file by their names."""
    with extra("tables"):
        import pyarrow
        from pyarrow import parquet
    with reading("parquet", path, "write it again as Parquet"):
        table = parquet.read_table(path)
    for field in table.schema:
        if pyarrow.types.is_timestamp(field.type) and field.type.tz:
            raise BadInput(
                "these dates have a time zone, and which local day is meant cannot be guessed",
                f"{path}: {field.name!r} in {field.type.tz}",
                "choose the zone and drop it before writing: .tz_convert('…'), then .tz_localize(None)",
            )
    return {name: _plain(table.column(name)) for name in table.column_names}


def _plain(column: Any) -> Array:  # noqa: ANN401 - pyarrow's
    decoded = column.cast(column.type.value_type) if hasattr(column.type, "value_type") else column
    return np.asarray(decoded.to_numpy())
