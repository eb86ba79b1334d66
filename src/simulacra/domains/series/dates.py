"""Dates as whole numbers of days since 1970-01-01; what would have to be guessed is refused."""

from __future__ import annotations

import datetime
import re

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array

NOMINAL = ("day", "t", "time", "day_of_year", "dayofyear", "doy", "yday")
"""Columns that may count days instead of naming dates."""
LATEST = 366
"""The largest number at which a count of days may begin."""
COUNTS = (
    (25_570, 73_050, "Excel's serial days, or modified Julian dates", 86_400.0, "1899-12-30"),
    (2_415_000, 2_490_000, "Julian dates", 86_400.0, "1858-11-17"),
    (1e8, 4.2e9, "seconds since 1970", 1.0, "1970-01-01"),
    (1e11, 4.2e12, "milliseconds since 1970", 1e-3, "1970-01-01"),
)
"""From, to, what such numbers count, the seconds of one, and the day of none."""
OFFSETS = {"Julian dates": 2_400_000.5}
_DATE = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)")
_MIDNIGHT = re.compile(r"[T ]00:00(:00(\.0+)?)?")


def days_of(column: Array, name: str) -> tuple[Array, bool]:
    """Days since 1970-01-01, and whether they are only counted: day 1, 2 … of a calendar that was not stated.

    Accepted are dates as 1990-12-31 or 19901231 (also with a time of 00:00), datetime64, `datetime.date`, and whole
    numbers from 1 on in a column that is named for days.

    Args:
        column: (n,).
        name: of the column, as errors call it.
    """
    column = np.asarray(column)
    if column.dtype.kind == "M":
        return _whole_days(column, name), False
    if column.dtype.kind in "iuf" or (column.dtype.kind in "OU" and _all_numbers(column, name)):
        return _counted(column, name)
    if column.dtype.kind in "OU" and (long := _long_numbers(column)) is not None:
        return _counted(long, name)
    if column.dtype.kind == "U":  # a long table repeats its dates: each is read once
        cells, rows, back = np.unique(column, return_index=True, return_inverse=True)
    else:
        cells, rows, back = column, np.arange(len(column)), np.arange(len(column))
    days = np.empty(len(cells), dtype="datetime64[D]")
    for i, row in enumerate(rows.tolist()):
        days[i] = _day(cells[i], name, row)
    return days[back].astype(int), False


def is_dates(column: Array) -> bool:
    """Whether the first cell is a date, so that a column without a clear name may be the one of dates."""
    column = np.asarray(column)
    if column.dtype.kind == "M":
        return True
    first = column[0] if len(column) else None
    dated = isinstance(first, str) and len(first) >= 10 and _DATE.match(first) is not None
    return isinstance(first, datetime.date) or dated


def _all_numbers(column: Array, name: str) -> bool:
    if name.lower() not in NOMINAL:
        return False
    cells = np.unique(column) if column.dtype.kind == "U" else column
    return all(isinstance(cell, str) and re.fullmatch(r"\d{1,5}(\.0+)?", cell.strip()) for cell in cells)


def _counted(column: Array, name: str) -> tuple[Array, bool]:
    numbers = column.astype(float)
    whole = np.isfinite(numbers).all() and (numbers == np.round(numbers)).all()
    if whole and len(numbers) and numbers.min() >= 18000101 and numbers.max() < 30000101:  # 19901231
        return days_of(numbers.astype(int).astype(str), name)
    if not whole or numbers.min() < 1 or numbers.min() > LATEST or name.lower() not in NOMINAL:
        raise BadInput(
            f"the column {name!r} holds numbers that are no dates",
            ", ".join(f"{float(n):.10g}" for n in numbers[:3].tolist()) + _guessed(numbers),
            "write dates as 1990-12-31; days may be counted 1, 2 … in a column named 'day'",
        )
    return numbers.astype(int) - 1, True


def _long_numbers(column: Array) -> Array | None:
    """Texts of digits, too many for a date or five as of a count of days, as numbers; None if others are there."""
    cells = np.unique(column) if column.dtype.kind == "U" else column
    texts = [str(cell).strip() for cell in cells]
    if not texts or not all(re.fullmatch(r"\d{5,13}(\.\d+)?", text) for text in texts):
        return None
    if all(re.fullmatch(r"\d{8}", text) for text in texts):
        return None
    return np.array([float(str(cell).strip()) for cell in column])


def _guessed(numbers: Array) -> str:
    """What numbers that are no dates may count, in words."""
    if not len(numbers) or not np.isfinite(numbers).all():
        return ""
    first = float(numbers[0])
    for low, high, what, unit, origin in COUNTS:
        if low <= numbers.min() and numbers.max() <= high:
            day = np.datetime64(origin, "s") + np.timedelta64(round((first - OFFSETS.get(what, 0)) * unit), "s")
            return f": {what}? {first:.10g} would be {day.astype('datetime64[D]')}"
    return ""


def _day(cell: object, name: str, row: int) -> np.datetime64:
    """The day of one cell."""
    if isinstance(cell, datetime.datetime):
        if cell.tzinfo is not None:
            raise _zoned(f"{cell} in column {name!r}")
        if cell.time() != datetime.time():
            raise _timed(f"{cell} in column {name!r}")
        return np.datetime64(cell.date(), "D")
    if isinstance(cell, datetime.date):
        return np.datetime64(cell, "D")
    text = str(cell).strip()
    found = _DATE.match(text)
    rest = text[found.end() :] if found else text
    if found is None:
        slashed = re.search(r"\d[/.]\d", text)
        why = "day and month cannot be said apart" if slashed else "it is no date that can be read"
        raise BadInput(
            f"a date is not understood: {why}", f"{text!r} in column {name!r}, row {row + 1}", "write 1990-12-31"
        )
    if rest and not _MIDNIGHT.fullmatch(rest):
        if re.search(r"(Z|UTC|GMT|[+-]\d\d:?\d\d)$", rest.strip()):
            raise _zoned(f"{text!r} in column {name!r}, row {row + 1}")
        raise _timed(f"{text!r} in column {name!r}, row {row + 1}")
    try:
        return np.datetime64("-".join(found.groups()), "D")
    except ValueError as error:
        raise BadInput(
            "there is no such day", f"{text!r} in column {name!r}, row {row + 1}", "write 1990-12-31"
        ) from error


def _whole_days(column: Array, name: str) -> Array:
    if np.isnat(column).any():
        raise BadInput("a date is missing", f"column {name!r}", "take rows without a date out")
    days = column.astype("datetime64[D]")
    if late := np.flatnonzero(days != column).tolist():
        raise _timed(f"{column[late[0]]} in column {name!r}")
    return np.asarray(days.astype(int))


def _timed(given: str) -> BadInput:
    return BadInput(
        "a time of day stands beside the date: these are not daily values",
        given,
        "bring them to one value a day first: frame.resample('1D').max(), or .mean(), as the quantity asks",
    )


def _zoned(given: str) -> BadInput:
    return BadInput(
        "these dates have a time zone, and which local day is meant cannot be guessed",
        given,
        "choose the zone and drop it: .tz_convert('…') where another one counts, then .tz_localize(None)",
    )
