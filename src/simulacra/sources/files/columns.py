"""Columns of several tables brought together: the same names in the same order, each with one meaning in all."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.left import Left
from simulacra.core.part import Taken
from simulacra.core.samples import Array, Column, Samples
from simulacra.domains.tables.column import ASIDE as SET_ASIDE
from simulacra.domains.tables.column import Meant, Raw, check_compared, decide, wishes
from simulacra.domains.tables.column_errors import quoted
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
        taken: what is known of the whole, where a part of the rows was read.
    """

    raws: Mapping[str, Raw]
    headed: bool = True
    said: tuple[str, ...] = ()
    taken: Taken | None = None


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
            raise BadInput(f"the table has no column {name!r}", f"its columns: {few(names, 20)}", "name one of them")
    _check_headers(tables, [*wanted, *asides] if wanted else None)
    shown = wanted or [name for name in names if name not in asides]
    wish = wishes(layout.types)

    def decided(name: str, kept: bool) -> Meant:
        raws = [_raw(table, name, tables) for table in tables.values()]
        return decide(name, raws, wheres, wish.get(name), kept)

    columns = [decided(name, bool(wanted)) for name in shown]
    others = [c.name for c in columns if c.what in ("number", "category")]
    for column in columns:
        check_compared(column, wheres, others)
    aside = [column for column in columns if column.what in SET_ASIDE]
    columns = [column for column in columns if column.what not in SET_ASIDE]
    if not columns:
        stated = ", ".join(f"{c.name} ({c.what})" for c in aside) or few(names)
        known = [c.name for c in aside if c.what != "constant"]
        fix = f"--as {quoted(known[0] + '=number')}" if known else "bring a table in which a column varies"
        raise BadInput("no column is left to be compared", stated, fix)
    given = [decided(name, True) for name in layout.given]
    for place, where in enumerate(wheres):
        _check_cells(columns, given, place, where, tables[where].raws.get(layout.group))
    for column in [*columns, *given]:
        _check_units(column, wheres)
    groups = [_names(table.raws[layout.group]) if layout.group else None for table in tables.values()]
    said = [*dropped, *_said(columns, aside)]
    true = wheres.index(truth) if truth else 0
    off = (
        off_by_units(*({c.name: c.values[i] for c in columns if c.what == "number"} for i in (1 - true, true)))
        if (len(wheres) > 1)
        else []
    )
    return [
        _noticed(
            as_samples(columns, given, groups, place, where, true),
            [doubt for c in columns if c.what == "number" for doubt in doubts(c.name, c.values[place])]
            + ([doubt for c in columns if c.what == "category" for doubt in _same_words(c)] if place == true else [])
            + (off if place == true else []),
            (*tables[where].said, *said),
            tables[where].taken,
        )
        for place, where in enumerate(wheres)
    ]


def as_samples(
    columns: Sequence[Meant], given: Sequence[Meant], groups: Sequence[Array | None], place: int, where: str, true: int
) -> Samples:
    """One table as samples of kind "table": numbers as they are, classes as places of their levels, gaps as NaN."""
    cells, described = [], []
    for column in columns:
        levels: tuple[str, ...] = ()
        values = column.values
        if column.what == "category":
            words = np.unique(np.concatenate(values))
            levels = column.order or tuple(word for word in words.tolist() if word)
            rank = {word: float(k) for k, word in enumerate(levels)}
            values = tuple(np.array([rank.get(word, np.nan) for word in v.tolist()]) for v in values)
        gaps = any(bool(np.isnan(v).any()) for v in values)
        cells.append(values[place].astype(np.float64))
        middle, goes_up = _middle(values[true], levels), bool(column.order)
        described.append(Column(column.name or "unnamed", column.units[true], levels, middle, gaps, goes_up))
    conditions = {column.name: column.values[place] for column in given}
    given_unit = {column.name: column.units[true] for column in given if column.units[true] != "1"}
    x = np.column_stack(cells)
    return Samples.of(x, "table", "1", where, conditions, None, groups[place], given_unit, described)


def _middle(values: Array, levels: tuple[str, ...]) -> float:
    """The median of numbers, the most frequent level of classes; 0 where there is neither."""
    there = values[np.isfinite(values)]
    if not len(there):
        return 0.0
    return float(np.bincount(there.astype(int)).argmax()) if levels else float(np.median(there))


def _noticed(x: Samples, warned: Sequence[str], said: Sequence[str], taken: Taken | None) -> Samples:
    left = Left(of=len(x), said=tuple(said), warned=tuple(warned), taken=taken)
    return by_place(replace(x, left=left), taken)


def by_place(x: Samples, taken: Taken | None) -> Samples:
    """Rows of a part are named by their places in the whole, and each is its own group where none was named."""
    if taken is None:
        return x
    names = taken.places.astype(str)
    return replace(x, id=names, group=names if np.array_equal(x.id, x.group) else x.group)


def _said(columns: Sequence[Meant], aside: Sequence[Meant]) -> list[str]:
    stated = [f"{c.name or 'a column without a name'} ({c.what})" for c in aside]
    found = [f"set aside: {few(stated, 12)}"] if stated else []
    found += [f"{c.name}: {note}" for c in columns for note in c.notes]
    for c in columns:
        if c.tokens:
            words = ", ".join(f"{token!r} {n:,} times" for token, n in c.tokens.items())
            found.append(f"{c.name}: read as missing: {words}; --as {c.name}=category keeps them as words")
    return found


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
        stated = ", ".join(f"{where} {'has' if table.headed else 'lacks'} them" for where, table in tables.items())
        raise BadInput("some of the tables have headers and some do not", stated, "give all of them headers, or none")
    everything = list(dict.fromkeys(name for table in tables.values() for name in table.raws))
    everything = everything if needed is None else [name for name in everything if name in needed]
    lacking = {where: [name for name in everything if name not in table.raws] for where, table in tables.items()}
    if any(lacking.values()):
        stated = "; ".join(f"{where} lacks {few(names)}" for where, names in lacking.items() if names)
        shared = [name for name in everything if all(name in table.raws for table in tables.values())]
        fix = f"--columns {','.join(shared)} compares what they share" if shared else "give both the same columns"
        bare = Counter(_bare(name) for name in everything)
        alike = [name for name in everything if bare[_bare(name)] > 1]
        fix += f"; or name {few([repr(name) for name in alike])} alike" if alike else ""
        raise BadInput("the tables do not have the same columns", stated, f"{fix}; or add what is missing")


def _bare(word: str) -> str:
    """A word without what may differ by accident: case, spaces and bars around it."""
    return re.sub(r"[\s_\-]+", " ", word.strip().casefold())


def _same_words(column: Meant) -> list[str]:
    """Levels that differ in case or in spaces alone: one class, or two?"""
    levels: dict[str, list[str]] = {}
    for word in dict.fromkeys(word for values in column.values for word in np.unique(values).tolist() if word):
        levels.setdefault(_bare(str(word)), []).append(repr(str(word)))
    return [
        f"{column.name}: {' and '.join(words)} are compared as different classes: are they one?"
        for words in levels.values()
        if len(words) > 1
    ]


def _check_cells(columns: Sequence[Meant], given: Sequence[Meant], place: int, where: str, group: Raw | None) -> None:
    """Infinite numbers, and gaps among conditions and groups, by column and row, five columns at most."""
    if group is not None and isinstance(group.cells, list) and any(not cell for cell in group.cells):
        rows = [str(i + 1) for i, cell in enumerate(group.cells) if not cell]
        raise BadInput("some rows have no group", f"{where}: row {few(rows)}", "name one in each row")
    bad = {c.name: np.isinf(c.values[place]) for c in columns if c.what == "number"}
    bad |= {c.name: _gone(c.values[place]) for c in given}
    bad = {name: np.flatnonzero(wrong) for name, wrong in bad.items() if wrong.any()}
    if not bad:
        return
    stated = [f"{name} in row {few([str(r + 1) for r in rows])}" for name, rows in bad.items()]
    more = f" … ({len(stated):,} columns)" if len(stated) > SHOWN else ""
    raise BadInput(
        "some cells are infinite, or empty in a condition",
        f"{where}: {'; '.join(stated[:SHOWN])}{more}",
        "cut these rows or columns; a gap in a column that is no condition may stay",
    )


def _check_units(column: Meant, wheres: Sequence[str]) -> None:
    other = [place for place, unit in enumerate(column.units) if unit != column.units[0]]
    if other and column.what == "number":
        pair = f"{column.units[0]!r} and {column.units[other[0]]!r} ({wheres[other[0]]})"
        raise BadInput(f"column {column.name!r} has two units", pair, "convert one of them")


def _gone(column: Array) -> Array:
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
