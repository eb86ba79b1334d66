"""Columns of several tables brought together: the same names in the same order, and classes as columns of 0 and 1."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples

ASIDE = True

LEVELS = 20  # classes of a column of words, at most
SHOWN = 5  # names or rows in an error
EMPTY = ("", "na", "n/a", "nan", "null", "none", "?")
BOOLEANS = {"true": 1.0, "false": 0.0}
DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}")


@dataclass(frozen=True)
class Columns:
    """The columns of one table.

    Args:
        values: numbers (NaN where a cell is empty), words ("" where it is), or dates, by name.
        units: of the columns by name; empty for a table without headers.
    """

    values: Mapping[str, Array]
    units: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Layout:
    """What the columns are: conditions, the name of a group, and the one column to read if it is not all of them."""

    given: tuple[str, ...] = ()
    group: str = ""
    key: str = ""


def typed(cells: Array) -> Array:
    """Numbers where all cells that are not empty read as such; else words, stripped; dates of a frame stay dates.

    >>> typed(np.array(["1", "", "2.5"])), typed(np.array(["true", "False"])), typed(np.array(["a", "n/a"]))
    (array([1. , nan, 2.5]), array([1., 0.]), array(['a', ''], dtype='<U1'))
    """
    if cells.dtype.kind in "biuf":
        return cells.astype(np.float64)
    if cells.dtype.kind in "mM":
        return cells
    try:
        return cells.astype(np.float64)
    except ValueError:
        words = np.array([cell.strip() for cell in cells.tolist()])
    empty = np.array([word.lower() in EMPTY for word in words.tolist()])
    full = words[~empty].tolist()
    if full and all(word.lower() in BOOLEANS for word in full):
        return np.array([BOOLEANS.get(word.lower(), np.nan) for word in words.tolist()])
    try:
        return np.array([np.nan if gone else float(word) for word, gone in zip(words, empty, strict=True)])
    except ValueError:
        kept = ["" if gone else word for word, gone in zip(words.tolist(), empty, strict=True)]
        return np.array(kept)


def together(tables: Mapping[str, Columns], layout: Layout) -> list[Samples]:
    """Samples of kind "vector" from tables by their place; the first decides the order of the columns.

    The unit is a mapping from each column's name to its own, in order of the columns; "1" without headers.
    """
    _check_headers(tables)
    names = list(next(iter(tables.values())).values)
    asides = [*layout.given, *([layout.group] if layout.group else [])]
    for wanted in [*asides, *([layout.key] if layout.key else [])]:
        if wanted not in names:
            raise BadInput(
                f"the table has no column {wanted!r}", f"its columns: {', '.join(names)}", "name one of them"
            )
    shown = [layout.key] if layout.key else [name for name in names if name not in asides]
    if not shown:
        raise BadInput("no column is left to be compared", ", ".join(names), "leave one out of --given and --group")
    for where, table in tables.items():
        _check_cells(table, [*shown, *layout.given], layout.group, where)
    unit = {name: next(iter(tables.values())).units.get(name, "1") for name in names}
    for where, table in tables.items():
        other = [name for name in names if table.units and table.units[name] != unit[name]]
        if other:
            pair = f"{unit[other[0]]!r} and {table.units[other[0]]!r} ({where})"
            raise BadInput(f"column {other[0]!r} has two units", pair, "convert one of them")
    parts: dict[str, list[Array]] = {}
    for name in shown:
        parts |= _expanded(name, {where: table.values[name] for where, table in tables.items()})
    units: str | dict[str, str] = {name: unit.get(name, "1") for name in parts} if _headed(tables) else "1"
    found = []
    for place, (where, table) in enumerate(tables.items()):
        x = np.column_stack([columns[place] for columns in parts.values()])
        group = _names(table.values[layout.group]) if layout.group else None
        conditions = {name: table.values[name] for name in layout.given}
        given_unit = {name: unit[name] for name in layout.given if unit[name] != "1"}
        found.append(Samples.of(x, "vector", units, where, conditions, None, group, given_unit))
    return found


def _headed(tables: Mapping[str, Columns]) -> bool:
    return all(table.units for table in tables.values())


def _check_headers(tables: Mapping[str, Columns]) -> None:
    """All tables have the same columns, whatever their order."""
    if len({bool(table.units) for table in tables.values()}) > 1:
        told = ", ".join(f"{where} {'has' if table.units else 'lacks'} them" for where, table in tables.items())
        raise BadInput("some of the tables have headers and some do not", told, "give all of them headers, or none")
    everything = list(dict.fromkeys(name for table in tables.values() for name in table.values))
    lacking = {where: [name for name in everything if name not in table.values] for where, table in tables.items()}
    if any(lacking.values()):
        told = "; ".join(f"{where} lacks {_few(names)}" for where, names in lacking.items() if names)
        raise BadInput(
            "the tables do not have the same columns", told, "add what is missing, or cut it from the others"
        )


def _check_cells(table: Columns, shown: Sequence[str], group: str, where: str) -> None:
    """Dates, empty cells and infinite numbers, by column and row."""
    dates = [name for name in shown if _dated(table.values[name])]
    if dates:
        raise BadInput(
            "a date is no number to compare",
            f"{where}: column {_few(dates)}",
            "cut the column, or make numbers of it (day of the year, hour …)",
        )
    bad = {name: np.flatnonzero(_bad(table.values[name])) for name in [*shown, *([group] if group else [])]}
    bad = {name: rows for name, rows in bad.items() if len(rows)}
    if bad:
        told = "; ".join(f"{name} in row {_few([str(r + 1) for r in rows])}" for name, rows in bad.items())
        raise BadInput(
            "some cells are empty, NaN or infinite",
            f"{where}: {told}",
            "cut these rows or columns, or fill the gaps as you see fit, in all tables alike",
        )


def _bad(column: Array) -> Array:
    if column.dtype.kind == "f":
        return ~np.isfinite(column)
    return np.asarray(np.isnat(column) if column.dtype.kind in "mM" else column == "")


def _dated(column: Array) -> bool:
    if column.dtype.kind == "U":
        full = [word for word in column.tolist() if word]
        return bool(full) and all(DATE.fullmatch(word) for word in full)
    return column.dtype.kind in "mM"


def _expanded(name: str, columns: Mapping[str, Array]) -> dict[str, list[Array]]:
    """A column of numbers as it is; one of words as 0 and 1, a column a class, or one column where there are two."""
    wordy = {where: column.dtype.kind == "U" for where, column in columns.items()}
    if not any(wordy.values()):
        return {name: list(columns.values())}
    if not all(wordy.values()):
        told = ", ".join(f"{'words' if words else 'numbers'} in {where}" for where, words in wordy.items())
        raise BadInput(f"column {name!r} holds numbers in one table and words in another", told, "make them alike")
    levels = np.unique(np.concatenate(list(columns.values())))
    if len(levels) > LEVELS:
        raise BadInput(
            f"column {name!r} holds too many different words to compare",
            f"{len(levels):,} of them: {_few(levels.tolist())}",
            f"cut it, give --group {name} if it names what belongs together, or sort it into at most {LEVELS} classes",
        )
    kept = levels[:1] if len(levels) == 2 else levels  # of two classes, one tells the other
    return {f"{name} = {level}": [(c == level).astype(np.float64) for c in columns.values()] for level in kept}


def _names(column: Array) -> Array:
    """A group's names: whole numbers without a decimal point."""
    if column.dtype.kind == "f" and (column == np.round(column)).all():
        return column.astype(np.int64).astype(np.str_)
    return column.astype(np.str_)


def _few(names: Sequence[str]) -> str:
    more = f" … ({len(names):,} in all)" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
