"""A user's own daily series: a table with dates and values, CSV or Parquet."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from simulacra.core.errors import BadInput, extra
from simulacra.core.samples import Array, Samples
from simulacra.domains.series.day_tables import panel_of
from simulacra.domains.series.panel import Panel

ENDINGS = (".csv", ".parquet")


@dataclass(frozen=True)
class DailySeries:
    """Series of one value a day, with gaps.

    The table is wide (a column each) or long (a column names the series). Dates are written as 1990-12-31, in any
    order; days without a row stay open, as do cells that are empty or NA. A column named "day" may count days 1, 2 …
    of a year that is not told: they are put on a nominal calendar, and the origin says so. Times of day, time zones,
    dates that are there twice, separators of thousands and decimal commas are refused.

    Args:
        path: .csv or .parquet (with the extra "tables").
        date: header of the dates; by default a column named date, ds, day, time …, or the first that holds dates.
        value: header of the values, several separated by commas; by default all columns that are left.
        series: header of the names of the series; by default a column named series, station, state, site …
        unit: of the values; by default what the header tells, as "temp [°F]" or "temp_F".
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
        if not self.path.name.lower().endswith(ENDINGS):
            raise BadInput(
                "daily series are not read from such a file", str(self.path), f"save it as one of {', '.join(ENDINGS)}"
            )

    def panel(self) -> Panel:
        """The series on one calendar."""
        if not self.path.is_file():
            raise BadInput("there is no such file", str(self.path), "check the path")
        text = self.path.name.lower().endswith(".csv")
        columns = csv_columns(self.path) if text else parquet_columns(self.path)
        found = panel_of(columns, self.date, self.value, self.series, self.unit, str(self.path), text)
        return found.daily() if self.totals else found

    def read(self) -> Samples:
        """One sample a series, (series, days), NaN where nothing was measured."""
        return self.panel().to_samples()


def csv_columns(path: Path) -> dict[str, Array]:
    """The columns of a CSV file by their headers, all as text."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file) if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput("this table cannot be read", f"{path} ({error})", "save it as CSV in UTF-8") from error
    if len(rows) < 2:
        raise BadInput("this table is empty", str(path), "give a first line with headers, and a line for each day")
    header = [cell.strip() for cell in rows[0]]
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        raise BadInput(
            "the columns are not separated by commas",
            f"{path}: {header[0]!r}",
            "use commas and decimal points",
        )
    if len(set(header)) < len(header) or "" in header[1:]:
        raise BadInput("each column needs a name of its own", f"{path}: {', '.join(header)}", "name the columns apart")
    for number, row in enumerate(rows):
        if len(row) != len(header):
            raise BadInput(
                f"line {number + 1} has {len(row)} cells where the header has {len(header)}",
                f"{path}: {','.join(row)[:60]}",
                "put cells with commas in quotes; write decimal points",
            )
    return {name: np.array([row[i] for row in rows[1:]]) for i, name in enumerate(header)}


def parquet_columns(path: Path) -> dict[str, Array]:
    """The columns of a Parquet file by their names."""
    with extra("tables"):
        import pyarrow
        from pyarrow import parquet
    try:
        table = parquet.read_table(path)
    except (OSError, pyarrow.ArrowException) as error:
        raise BadInput("this file cannot be read", f"{path} ({error})", "write it again as Parquet") from error
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
