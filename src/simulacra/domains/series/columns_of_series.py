"""Which columns of a table of days are series: constants, flags, counters and codes for what is missing are none."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.left import Left
from simulacra.core.samples import Array
from simulacra.domains.tables.column import FLAGS
from simulacra.domains.tables.plausible import far_values, few

PROPHET = ("ds", "y")  # Prophet's names: all else beside them are regressors and limits
PARTS = {"year": ("year", "yyyy", "yr"), "month": ("month", "mm", "mon", "mo"), "day": ("day", "dd", "dom")}
ENOUGH = 10  # days below which nothing is called constant
FAR_DAYS = 366  # a single date farther off than that, and than all others span, is none of them


def with_dates(columns: Mapping[str, Array]) -> tuple[dict[str, Array], str]:
    """Columns of year, month and day made one of dates; its name, empty where there are none."""
    plain = {name.strip().lower(): name for name in columns}
    found = [next((plain[name] for name in names if name in plain), "") for names in PARTS.values()]
    if not all(found):
        return dict(columns), ""
    parts = []
    for name in found:
        try:
            parts.append(np.asarray(columns[name]).astype(np.float64).astype(np.int64))
        except (TypeError, ValueError):
            return dict(columns), ""
    year, month, day = parts
    dates = np.array([f"{y:04d}-{m:02d}-{d:02d}" for y, m, d in zip(year, month, day, strict=True)])
    rest = {name: cells for name, cells in columns.items() if name not in found}
    return {"date": dates, **rest}, "date"


def chosen(names: Sequence[str], numbers: Mapping[str, Array], when: str) -> tuple[list[str], list[str]]:
    """The columns that are series, and what the others are, in words; all of them where none would be left.

    Args:
        names: of the columns beside the dates.
        numbers: their numbers.
        when: name of the column of dates.
    """
    if when.lower() == PROPHET[0] and PROPHET[1] in names and len(names) > 1:
        others = [name for name in names if name != PROPHET[1]]
        return [PROPHET[1]], [f"the series is y, as in Prophet's frames; set aside: {few(others, 12)}"]
    what = {name: _no_series(name, numbers[name]) for name in names}
    kept = [name for name in names if not what[name]]
    if not kept or len(kept) == len(names):
        return list(names), []
    aside = [f"{name} ({what[name]})" for name in names if what[name]]
    return kept, [f"taken as series: {few(kept, 12)}; set aside: {few(aside, 12)}"]


def _no_series(name: str, x: Array) -> str:
    """Why a column is no series; empty if it is one."""
    there = x[np.isfinite(x)]
    if len(there) < ENOUGH:
        return ""
    levels = np.unique(there)
    if len(levels) == 1:
        return "constant"
    if len(levels) == 2 and set(levels.tolist()) <= {0.0, 1.0}:
        return "yes and no"
    if len(levels) <= 5 and FLAGS.fullmatch(name):
        return "flag"
    if re.fullmatch(r"id|index|unnamed.*|row.*|no|nr|", name.strip().lower()) and (np.diff(there) > 0).all():
        return "counter"
    return ""


def measured(name: str, x: Array) -> tuple[Array, Left]:
    """A column without its codes for missing values, and what was found of them."""
    said, warned = [], []
    out = x
    for far in far_values(x):
        if far.code or abs(far.value) >= 1e19:
            out = np.where(out == far.value, np.nan, out)
            said.append(f"{name}: {far.stated()}: read as missing")
        else:
            warned.append(f"{name}: {far.stated()}: is it a code for a missing value?")
    return out, Left(said=tuple(said), warned=tuple(warned))


def check_measured(names: Sequence[str], values: Array, origin: str) -> None:
    """An error that names series of which nothing was measured."""
    empty = [name for name, row in zip(names, values, strict=True) if not np.isfinite(row).any()]
    if empty and len(empty) < len(names):
        raise BadInput(
            f"nothing was measured of {len(empty)} series" if len(empty) > 1 else "nothing was measured of a series",
            f"{origin}: {few([str(name) for name in empty])}",
            "leave out what holds no value",
        )


def check_lone(day: Array, origin: str) -> None:
    """An error where the first or the last date lies farther off than all others span."""
    seen = np.unique(day)
    if len(seen) < ENOUGH:
        return
    for lone, rest in ((seen[0], seen[1:]), (seen[-1], seen[:-1])):
        span = int(rest[-1] - rest[0])
        gap = int(abs(lone - (rest[0] if lone < rest[0] else rest[-1])))
        if gap > max(FAR_DAYS, span):
            row = int(np.flatnonzero(day == lone)[0]) + 1
            stated = [str(np.datetime64(int(d), "D")) for d in (lone, rest[0], rest[-1])]
            raise BadInput(
                "a date lies far from all others",
                f"{origin}: {stated[0]} in row {row}, the others from {stated[1]} to {stated[2]}",
                "look for a mistyped year",
            )


def keys_of_series(columns: Mapping[str, Array], names: Sequence[str], day: Array) -> list[str]:
    """The columns that name the series of a long table: the fewest that make dates unique; empty if none do.

    Args:
        columns: of the table.
        names: those beside the dates.
        day: the day of each row.
    """
    levels = {name: np.unique(np.asarray(columns[name]).astype(str), return_inverse=True)[1] for name in names}
    few_levels = [name for name in names if 1 < int(levels[name].max()) + 1 <= max(2, len(day) // 3)]
    for keys in [*([name] for name in few_levels), *([a, b] for i, a in enumerate(few_levels) for b in few_levels[:i])]:
        rows = np.column_stack([day, *(levels[name] for name in keys)])
        if len(np.unique(rows, axis=0)) == len(day):
            return list(reversed(keys))
    return []
