"""A table of daily values as series on one calendar: which column is what, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.left import Left
from simulacra.core.samples import Array
from simulacra.domains.series.columns_of_series import (
    check_lone,
    check_measured,
    chosen,
    keys_of_series,
    measured,
    with_dates,
)
from simulacra.domains.series.dates import days_of, is_dates
from simulacra.domains.series.panel import Panel
from simulacra.domains.tables.cells import read_numbers
from simulacra.domains.tables.column import FLAGS

DATES = ("date", "ds", "day", "datetime", "timestamp", "time", "day_of_year", "doy", "yday")
SERIES = ("series", "unique_id", "station", "state", "site", "location", "city", "county", "country", "region", "name")
UNITS = {"F": "°F", "degF": "°F", "C": "°C", "degC": "°C", "K": "K", "mm": "mm", "cm": "cm", "m": "m", "hPa": "hPa"}
"""What may stand behind the last underscore of a header."""
MISSING = ("", "na", "n/a", "nan", "null", "none", "#n/a", "missing")
LARGEST = 200_000_000  # values of a panel: 1.6 GB
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def panel_of(
    columns: Mapping[str, Array],
    date: str = "",
    value: str = "",
    series: str = "",
    unit: str = "",
    origin: str = "",
    text: bool = False,
) -> Panel:
    """The series of a table: a column each (wide), or named by a column (long); rows in any order, missing days open.

    Args:
        columns: by header, each (n,).
        date: header of the dates; found by its name, or by what it holds, if empty.
        value: header of the values, several separated by commas; all that is left if empty.
        series: header of the names of the series in a long table, several separated by commas; found by its name if
            empty.
        unit: of the values; stated in the header ("temp [°F]", "temp_F") if empty.
        origin: where the table comes from.
        text: whether all cells are text, as in a CSV file; elsewhere numbers as text are refused.
    """
    if not columns or not len(next(iter(columns.values()))):
        raise BadInput("this table is empty", origin, "give a table with dates and values")
    made = ""
    if not date and not _named(list(columns), [name for name in DATES if name != "day"]):
        columns, made = with_dates(columns)
    when = made or (_asked(columns, date, "date", origin) if date else _date_column(columns, origin))
    left = [name for name in columns if name != when]
    keys = [_asked(columns, one.strip(), "series", origin) for one in series.split(",")] if series else []
    named = keys or [name for name in [_named(left, SERIES)] if name]
    left = [name for name in left if name not in named]
    day, counted = days_of(columns[when], when)
    if not named and not value:
        _check_keys(columns, left, day, origin)
    wanted = [_asked(columns, one.strip(), "value", origin) for one in value.split(",")] if value else left
    if not wanted:
        raise BadInput("there are dates, but no values", f"{origin}: {', '.join(columns)}", "add a column of values")
    numbers, stated = _numbers(columns, wanted, text, tried=bool(not value and len(wanted) > 1))
    said: list[str] = []
    picked = wanted
    if not value:
        picked, said = chosen(list(numbers), numbers, when)
    if named and len(picked) > 1:
        raise BadInput(
            "which column holds the values?", f"{origin}: {', '.join(picked)}", f"choose one, as value={picked[0]!r}"
        )
    cleaned = {name: measured(name, numbers[name]) for name in picked}
    said = [*stated, *said, *(line for _, seen in cleaned.values() for line in seen.said)]
    left_out = Left(said=tuple(said), warned=tuple(line for _, seen in cleaned.values() for line in seen.warned))
    values = np.stack([x for x, _ in cleaned.values()])
    bearing = _unit(picked, unit, origin)
    if named:
        labels = _labels([columns[name] for name in named])
        first = np.unique(labels, return_index=True)[1]
        names = tuple(str(labels[i]) for i in np.sort(first))
        places = {name: i for i, name in enumerate(names)}
        row, flat = np.array([places[str(label)] for label in labels]), values[0]
    else:
        names = tuple(picked)
        row, flat = np.repeat(np.arange(len(names)), len(day)), values.ravel()
    days = day if named else np.tile(day, len(names))
    where = "; ".join([origin, *said])
    if counted:
        where += "; days counted from 1, put on a nominal calendar that begins on 1970-01-01"
    return replace(_laid_out(row, days, flat, names, bearing, where), left=left_out)


def _labels(columns: Sequence[Array]) -> Array:
    """The names of the series, of several columns joined."""
    texts = [np.asarray(column).astype(str) for column in columns]
    return texts[0] if len(texts) == 1 else np.array([" / ".join(parts) for parts in zip(*texts, strict=True)])


def _check_keys(columns: Mapping[str, Array], names: Sequence[str], day: Array, origin: str) -> None:
    """Dates that are there again and again: which columns name the series?"""
    if len(np.unique(day)) == len(day):
        return
    keys = keys_of_series(columns, names, day)
    if keys:
        values = [name for name in names if name not in keys]
        asked = f"series={','.join(keys)!r}" + (f", value={values[0]!r}" if len(values) > 1 else "")
        raise BadInput(
            f"{' and '.join(map(repr, keys))} name{'s' * (len(keys) == 1)} the series: each date is there for each",
            f"{origin}: {len(day):,} rows, {len(np.unique(day)):,} dates",
            f"say so: {asked}",
        )


def _numbers(
    columns: Mapping[str, Array], names: Sequence[str], text: bool, tried: bool
) -> tuple[dict[str, Array], list[str]]:
    """The numbers of each column, and what was taken for what; a column of words is set aside where others are left.

    Args:
        columns: of the table.
        names: those to read.
        text: whether numbers may be written as text.
        tried: whether nobody named them: of several columns, flags in words are passed over.
    """
    found, said, words = {}, [], []
    for name in names:
        column = np.asarray(columns[name])
        if tried and FLAGS.fullmatch(name) and column.dtype.kind in "OUb":
            words.append(name)
            continue
        if text and column.dtype.kind == "U":
            read = read_numbers(column.tolist())
            if not read.odd.any() and read.comma not in ("unclear", "both"):
                found[name] = read.values
                said += [f"{name}: {note}" for note in read.notes]
                continue
        found[name] = numbers_of(column, name, text)
    return found, [*said, *([f"set aside: {', '.join(words)} (flags)"] if words else [])]


def _laid_out(row: Array, day: Array, value: Array, name: tuple[str, ...], unit: str, origin: str) -> Panel:
    first, last = int(day.min()), int(day.max())
    seen = np.unique(day)
    check_lone(day, origin)
    if len(seen) > 2 and not (np.diff(seen) == 1).any():
        raise BadInput(
            "these are not daily values: no two lie a day apart",
            f"{origin}, the closest {int(np.diff(seen).min())} days",
            "forecast at their own pace elsewhere, or give the daily values that they were made of",
        )
    span = last - first + 1
    if span * len(name) > LARGEST:
        raise BadInput(
            "these dates span too long a time", f"{origin}: {_date(first)} to {_date(last)}", "look for a mistyped year"
        )
    place = row * span + (day - first)
    ordered = np.argsort(place, kind="stable")
    again = ordered[1:][np.diff(place[ordered]) == 0]
    if len(again):
        stated = ", ".join(f"{_date(int(day[i]))} ({name[row[i]]})" for i in again[:3])
        raise BadInput(
            f"{len(again)} dates are there twice" if len(again) > 1 else "a date is there twice",
            f"{origin}: {stated}",
            "keep one value a day; if a column names the series, say which with series=…",
        )
    values = np.full(len(name) * span, np.nan)
    values[place] = value
    check_measured(name, values.reshape(len(name), span), origin)
    return Panel(values.reshape(len(name), span), first + np.arange(span), name, unit, origin)


def numbers_of(column: Array, name: str, text: bool) -> Array:
    """The numbers of a column, NaN where one is missing.

    Args:
        column: (n,).
        name: its header.
        text: whether numbers may be written as text.
    """
    column = np.asarray(column)
    if column.dtype.kind in "iuf":
        return column.astype(float)
    if column.dtype.kind in "bMm":
        raise BadInput(f"the column {name!r} holds no numbers", str(column.dtype), "name the columns that do: value=…")
    if column.dtype.kind == "U":  # each text is read once
        cells, rows, back = np.unique(column, return_index=True, return_inverse=True)
        return np.array([_number(str(c).strip(), name, r, text) for c, r in zip(cells, rows.tolist(), strict=True)])[
            back
        ]
    found = np.empty(len(column))
    for i, cell in enumerate(column):
        if isinstance(cell, str):
            found[i] = _number(cell.strip(), name, i, text)
        else:
            try:
                found[i] = np.nan if cell is None else float(cell)
            except (TypeError, ValueError):
                # pandas marks what is missing by an object of its own, which alone is not equal to itself
                if not repr(cell) == "<NA>":
                    raise BadInput(
                        f"the column {name!r} holds no numbers", f"{cell!r}, row {i + 1}", "name others with value=…"
                    ) from None
                found[i] = np.nan
    return found


def _number(cell: str, name: str, row: int, text: bool) -> float:
    if cell.lower() in MISSING:
        return float("nan")
    where = f"{cell!r} in column {name!r}, row {row + 1}"
    if _NUMBER.fullmatch(cell):
        if text:
            return float(cell)
        raise BadInput("numbers stand as text", where, f"pandas.to_numeric(frame[{name!r}]) makes them numbers")
    if re.fullmatch(r"[+-]?\d{1,3}([,' \u00a0\u202f]\d{3})+(\.\d*)?", cell):
        raise BadInput(
            "this number has a separator of thousands, or a decimal comma", where, "write 1234.5: a point, no separator"
        )
    if re.fullmatch(r"[+-]?[\d.]+,\d*", cell):
        raise BadInput("this number has a decimal comma", where, "write 12.5, with a point")
    if re.match(r"[+-]?\d", cell):
        raise BadInput("this is not just a number", where, "leave flags and units out of the cells")
    raise BadInput(
        f"the column {name!r} holds words",
        where,
        f"if it names the series, say series={name!r}; else choose columns with value=…",
    )


def _date_column(columns: Mapping[str, Array], origin: str) -> str:
    named = _named(list(columns), DATES)
    found = named or next((name for name, cells in columns.items() if is_dates(cells)), "")
    if not found:
        raise BadInput(
            "no column of dates is found", f"{origin}: {', '.join(columns)}", "name it with date=…; write 1990-12-31"
        )
    return found


def _named(headers: Sequence[str], wanted: Sequence[str]) -> str:
    """The header that bears the first of these names."""
    plain = {header.strip().lower(): header for header in reversed(headers)}
    return next((plain[name] for name in wanted if name in plain), "")


def _asked(columns: Mapping[str, Array], name: str, setting: str, origin: str) -> str:
    if name not in columns:
        raise BadInput(
            f"there is no column {name!r}", f"{origin}: {', '.join(columns)}", f"choose one of these as {setting}=…"
        )
    return name


def _unit(headers: Sequence[str], unit: str, origin: str) -> str:
    """The one unit of these columns: of the setting, or of the headers."""
    stated = {header: found for header in headers if (found := header_unit(header))}
    different = set(stated.values()) - ({unit} if unit else set())
    if (unit and different) or len(set(stated.values())) > 1:
        raise BadInput(
            "the columns have other units" if unit else "the columns have several units",
            f"{origin}: {stated}" + (f", unit={unit!r}" if unit else ""),
            "bring them to one unit, or read them apart with value=…",
        )
    return unit or next(iter(stated.values()), "1")


def header_unit(header: str) -> str:
    """The unit that a header states, empty if none.

    >>> header_unit("temp [°F]"), header_unit("rain (mm)"), header_unit("temp_F"), header_unit("new_cases")
    ('°F', 'mm', '°F', '')
    """
    found = re.search(r"[\[(]\s*([^\])]+?)\s*[\])]\s*$", header)
    if found:
        return UNITS.get(found[1], found[1])
    return UNITS.get(header.rpartition("_")[2], "") if "_" in header else ""


def _date(day: int) -> str:
    return str(np.datetime64(day, "D"))
