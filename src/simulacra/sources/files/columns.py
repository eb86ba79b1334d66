"""Columns of several tables brought together: the same names in the same order, each with one meaning in all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.left import Left
from simulacra.core.samples import Array, Samples
from simulacra.domains.tables.column import ASIDE as SET_ASIDE
from simulacra.domains.tables.column import Column, Raw, check_compared, decide, wishes
from simulacra.domains.tables.plausible import doubts, few, off_by_units

ASIDE = True

SHOWN = 5  # names or rows in an error


@dataclass(frozen=True, eq=False)
class Cells:
    """The columns of one table as they came.

    Args:
        raws: by name, in order.
        headed: whether the table has headers.
        said: what its reader decided.
    """

    raws: Mapping[str, Raw]
    headed: bool = True
    said: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """What is asked of the columns.

    Args:
        given: columns that are conditions.
        group: the one that names groups; "" for none.
        key: the one to read; "" for all.
        columns: those to read; empty for all.
        types: what columns are, as "zip=category", where that is to be overruled.
    """

    given: tuple[str, ...] = ()
    group: str = ""
    key: str = ""
    columns: tuple[str, ...] = ()
    types: tuple[str, ...] = ()


def together(tables: Mapping[str, Cells], layout: Layout, truth: str = "") -> list[Samples]:
    """Samples from tables by their place; the first decides the order of the columns.

    Args:
        tables: by where they are from.
        layout: what is asked of the columns.
        truth: which of them is the truth; the first if empty.
    """
    wheres = list(tables)
    wanted = [layout.key] if layout.key else list(layout.columns)
    asides = [*layout.given, *([layout.group] if layout.group else [])]
    tables, dropped = _without_row_names(tables, [*wanted, *asides])
    names = list(next(iter(tables.values())).raws)
    for name in [*asides, *wanted, *wishes(layout.types)]:
        if name not in names:
            raise BadInput(
                f"the table has no column {name!r}", f"its columns: {few(names, 20)}", "name one of them"
            )
    _check_headers(tables, [*wanted, *asides] if wanted else None)
    shown = wanted or [name for name in names if name not in asides]
    wish = wishes(layout.types)

    def decided(name: str, kept: bool) -> Column:
        raws = [_raw(table, name, tables) for table in tables.values()]
        return decide(name, raws, wheres, wish.get(name), kept)

    columns = [decided(name, bool(wanted)) for name in shown]
    others = [c.name for c in columns if c.what in ("number", "category")]
    for column in columns:
        check_compared(column, wheres, others)
    aside = [column for column in columns if column.what in SET_ASIDE]
    columns = [column for column in columns if column.what not in SET_ASIDE]
    if not columns:
        told = ", ".join(f"{c.name} ({c.what})" for c in aside) or few(names)
        raise BadInput("no column is left to be compared", told, "name columns with --columns, or with --as NAME=number")
    given = [decided(name, True) for name in layout.given]
    for place, where in enumerate(wheres):
        _check_cells([*columns, *given], place, where, tables[where].raws.get(layout.group))
    for column in [*columns, *given]:
        _check_units(column, wheres)
    groups = [_names(table.raws[layout.group]) if layout.group else None for table in tables.values()]
    said = [*dropped, *_said(columns, aside)]
    headed = all(table.headed for table in tables.values())
    true = wheres.index(truth) if truth else 0
    off = off_by_units(*({c.name: c.values[i] for c in columns if c.what == "number"} for i in (1 - true, true))) if (
        len(wheres) > 1
    ) else []
    return [
        _noticed(
            as_samples(columns, given, groups, place, where, headed),
            [doubt for c in columns if c.what == "number" for doubt in doubts(c.name, c.values[place])]
            + (off if place == true else []),
            (*tables[where].said, *said),
        )
        for place, where in enumerate(wheres)
    ]


def as_samples(
    columns: Sequence[Column], given: Sequence[Column], groups: Sequence[Array | None], place: int, where: str, headed: bool
) -> Samples:
    """One table as samples of kind "vector": numbers as they are, classes as columns of 0 and 1.

    The unit is a mapping from each column's name to its own, in order of the columns; "1" without headers.
    """
    parts: dict[str, Array] = {}
    unit: dict[str, str] = {}
    for column in columns:
        found = _expanded(column, place)
        parts |= found
        unit |= dict.fromkeys(found, column.units[0])
    x = np.column_stack(list(parts.values()))
    conditions = {column.name: column.values[place] for column in given}
    given_unit = {column.name: column.units[0] for column in given if column.units[0] != "1"}
    return Samples.of(x, "vector", unit if headed else "1", where, conditions, None, groups[place], None, given_unit)


def _expanded(column: Column, place: int) -> dict[str, Array]:
    """A column of numbers as it is; one of words as 0 and 1, a column a class, or one column where there are two."""
    if column.what == "number":
        return {column.name: column.values[place]}
    levels = np.unique(np.concatenate(column.values))
    kept = levels[:1] if len(levels) == 2 else levels  # of two classes, one tells the other
    return {f"{column.name} = {level}": (column.values[place] == level).astype(np.float64) for level in kept.tolist()}


def _noticed(x: Samples, warned: Sequence[str], said: Sequence[str]) -> Samples:
    return replace(x, left=Left(of=len(x), said=tuple(said), warned=tuple(warned)))


def _said(columns: Sequence[Column], aside: Sequence[Column]) -> list[str]:
    told = [f"{c.name or 'a column without a name'} ({c.what})" for c in aside]
    found = [f"set aside: {few(told, 12)}"] if told else []
    return found + [f"{c.name}: {note}" for c in columns for note in c.notes]


def _raw(table: Cells, name: str, tables: Mapping[str, Cells]) -> Raw:
    """A column of one table; what a comma is, other columns and tables tell where this one does not."""
    raw = table.raws[name]
    if raw.comma or not isinstance(raw.cells, list):
        return raw
    commas = {other.raws[name].comma for other in tables.values() if other.raws[name].comma}
    return replace(raw, comma=commas.pop()) if len(commas) == 1 else raw


def _without_row_names(tables: Mapping[str, Cells], needed: Sequence[str]) -> tuple[dict[str, Cells], list[str]]:
    """The tables without unnamed columns of row numbers that only some of them have."""
    found, said = {}, []
    everywhere = set.intersection(*(set(table.raws) for table in tables.values()))
    for where, table in tables.items():
        gone = [
            name
            for name, raw in table.raws.items()
            if name not in everywhere
            and name not in needed
            and decide(name, [raw], [where]).what in ("counter", "identifier")
        ]
        said += [f"set aside: {few(gone)} of {where} (row numbers or names)"] if gone else []
        found[where] = replace(table, raws={name: raw for name, raw in table.raws.items() if name not in gone})
    return found, said


def _check_headers(tables: Mapping[str, Cells], needed: Sequence[str] | None) -> None:
    """All tables have the same columns, whatever their order."""
    if len({table.headed for table in tables.values()}) > 1:
        told = ", ".join(f"{where} {'has' if table.headed else 'lacks'} them" for where, table in tables.items())
        raise BadInput("some of the tables have headers and some do not", told, "give all of them headers, or none")
    everything = list(dict.fromkeys(name for table in tables.values() for name in table.raws))
    everything = everything if needed is None else [name for name in everything if name in needed]
    lacking = {where: [name for name in everything if name not in table.raws] for where, table in tables.items()}
    if any(lacking.values()):
        told = "; ".join(f"{where} lacks {few(names)}" for where, names in lacking.items() if names)
        shared = [name for name in everything if all(name in table.raws for table in tables.values())]
        fix = f"--columns {','.join(shared)} compares what they share" if shared else "give both the same columns"
        raise BadInput("the tables do not have the same columns", told, f"{fix}; or add what is missing")


def _check_cells(columns: Sequence[Column], place: int, where: str, group: Raw | None) -> None:
    """Empty cells and infinite numbers, by column and row, five columns at most."""
    bad = {c.name: (np.flatnonzero(_bad(c.values[place])), c) for c in columns}
    bad = {name: found for name, found in bad.items() if len(found[0])}
    if group is not None and isinstance(group.cells, list) and any(not cell for cell in group.cells):
        rows = np.array([i for i, cell in enumerate(group.cells) if not cell])
        raise BadInput(
            "some rows have no group", f"{where}: row {few([str(r + 1) for r in rows])}", "name one in each row"
        )
    if not bad:
        return
    told = [
        f"{name} in row {few([str(r + 1) for r in rows])}" + "".join(f" ({token!r} is read as missing)" for token in c.tokens)
        for name, (rows, c) in bad.items()
    ]
    word = next((name for name, (_, c) in bad.items() if c.tokens), "")
    kept = f"--as {word}=category keeps them as words; or " if word else ""
    more = f" … ({len(told):,} columns)" if len(told) > SHOWN else ""
    raise BadInput(
        "some cells are empty, NaN or infinite",
        f"{where}: {'; '.join(told[:SHOWN])}{more}",
        f"{kept}cut these rows or columns, or fill the gaps as you see fit, in all tables alike",
    )


def _check_units(column: Column, wheres: Sequence[str]) -> None:
    other = [place for place, unit in enumerate(column.units) if unit != column.units[0]]
    if other and column.what == "number":
        pair = f"{column.units[0]!r} and {column.units[other[0]]!r} ({wheres[other[0]]})"
        raise BadInput(f"column {column.name!r} has two units", pair, "convert one of them")


def _bad(column: Array) -> Array:
    if column.dtype.kind == "f":
        return ~np.isfinite(column)
    return np.asarray(np.isnat(column) if column.dtype.kind in "mM" else column == "")


def _names(raw: Raw) -> Array:
    """A group's names as they are written; whole numbers of an array without a decimal point."""
    if isinstance(raw.cells, list):
        return np.array(raw.cells)
    column = raw.cells
    if column.dtype.kind == "f" and np.isfinite(column).all() and (column == np.round(column)).all():
        return column.astype(np.int64).astype(np.str_)
    return column.astype(np.str_)
