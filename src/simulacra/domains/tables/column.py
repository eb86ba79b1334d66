"""What a column is: a number, a class, a date, an identifier, free text … One decision for all tables.

Few levels do not make a number a class. Counters, row numbers, identifiers, constant columns and flags of quality say
nothing about the law: they are set aside, and said. `Asked` overrules.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array
from simulacra.domains.tables.cells import MISSING, Comma, Numbers, read_numbers
from simulacra.domains.tables.column_errors import (
    LEVELS,
    check_mixed,
    check_nearly,
    check_odd,
    looks_like_smiles,
    quoted,
)
from simulacra.domains.tables.plausible import few

Cells = list[str]
What = Literal["number", "category", "date", "identifier", "counter", "constant", "flag", "text", "aside"]
Wish = str
"""number, category, aside; or the levels of an ordered category, "low<middle<high"."""
WISHES = ("number", "category", "aside")
ASIDE: tuple[What, ...] = ("identifier", "counter", "constant", "flag", "aside")
ENOUGH = 10  # rows below which nothing is taken for a counter, an identifier or a constant
BOOLEANS = {"true": 1.0, "false": 0.0}
DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?([T ].*)?|\d{1,2}[-./]\d{1,2}[-./]\d{2,4}([T ].*)?"
    r"|\d{1,2}[- ]?[A-Za-z]{3,9}\.?,?[- ]?\d{2,4}|[A-Za-z]{3,9}\.? \d{1,2},? \d{4}|\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?"
)
ROWS = re.compile(
    r"id|ids|index|idx|row|rows|row[_ ]?(id|no|nr|num|number|name|names)|no\.?|nr\.?|#|rank|uuid|guid|key|"
    r"unnamed(:? ?\d+)?|(level|record|obs|sample|serial)[_ ]?(\d+|id|no|nr|number)?|.*[_ -]id|.*[a-z]I[Dd]",
    re.IGNORECASE,
)
FLAGS = re.compile(r"(.*[_ -])?(qc|qa|qflag|quality[_ ]?flag|qc[_ ]?flag|flags?)", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Raw:
    """A column as it came.

    Args:
        cells: text, or an array of numbers, truths or dates.
        unit: that the header or a row of units shows; "1" if none.
        comma: what a comma is elsewhere in its file.
        order: the levels of an ordered category, from the lowest, where the file states it.
    """

    cells: Cells | Array
    unit: str = "1"
    comma: Comma = ""
    order: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Meant:
    """A column of all tables, with one meaning.

    Args:
        name: its header.
        what: it is.
        values: of each table: numbers (NaN where missing), words ("" where missing) or dates.
        units: of each table.
        notes: what was taken for what.
        order: the levels of an ordered category, from the lowest.
    """

    name: str
    what: What
    values: tuple[Array, ...]
    units: tuple[str, ...]
    notes: tuple[str, ...] = ()
    tokens: Mapping[str, int] = field(default_factory=dict)
    order: tuple[str, ...] = ()


def wishes(asked: Sequence[str]) -> dict[str, Wish]:
    """What `--as column=number` and its like ask for, by column."""
    found: dict[str, Wish] = {}
    for one in asked:
        name, _, wish = one.rpartition("=")
        if not name or (wish not in WISHES and "<" not in wish):
            first, *others = WISHES
            others.append("low<middle<high")
            fix = f"write --as {quoted(f'{name or one}={first}')}; or, in that place, {', '.join(others)}"
            raise BadInput("a column is read as one of a few things", one, fix)
        found[name] = wish
    return found


def decide(
    name: str, raws: Sequence[Raw], wheres: Sequence[str], wish: Wish | None = None, kept: bool = False
) -> Meant:
    """What a column is, from the cells of all tables; the first, the truth, counts where they disagree.

    Args:
        name: its header.
        raws: of each table.
        wheres: what each table is called.
        wish: what the user says that it is.
        kept: whether it is needed as it is (a condition, a group): nothing is set aside.
    """
    units = tuple(raw.unit for raw in raws)
    if wish == "aside":
        return Meant(name, "aside", tuple(np.empty(0) for _ in raws), units, ("as asked",))
    if any(not isinstance(raw.cells, list) and raw.cells.dtype.kind in "mM" for raw in raws):
        if all(not isinstance(raw.cells, list) and raw.cells.dtype.kind in "mM" for raw in raws):
            return Meant(name, "date", tuple(np.asarray(raw.cells) for raw in raws), units)
        raws = [raw if isinstance(raw.cells, list) else Raw(raw.cells.astype(str).tolist()) for raw in raws]
    if wish is not None and "<" in wish:
        return _graded(name, raws, wheres, units, tuple(level.strip() for level in wish.split("<")))
    if wish is None and raws[0].order and all(raw.order == raws[0].order for raw in raws):
        return _graded(name, raws, wheres, units, raws[0].order)
    if wish == "category":
        return _words(name, raws, units, only_empty=True)
    numbers = [_numbers(raw) for raw in raws]
    if wish == "number":
        check_odd(name, numbers, _texts(raws), wheres)
        return _numeric(name, numbers, units)
    if all(n.numeric or n.blank.all() for n in numbers) and any(n.numeric for n in numbers):
        return _kind_of_numbers(_numeric(name, numbers, units), numbers, kept)
    if any(n.comma == "unclear" for n in numbers):
        place = next(i for i, n in enumerate(numbers) if n.comma == "unclear")
        where, raw = wheres[place], raws[place]
        cell = next(c for c in raw.cells if "," in str(c))
        raise BadInput(
            f"in column {name!r} a comma may separate thousands or decimals",
            f"{where}: {cell!r}",
            "write 1234.5: a point, no separator",
        )
    truths = [_truths(raw) for raw in raws]
    if all(t is not None for t in truths):
        return Meant(name, "number", tuple(t for t in truths if t is not None), units, ("yes and no as 1 and 0",))
    if wish is None:
        check_nearly(name, numbers, _texts(raws), wheres)
        check_mixed(name, numbers, _texts(raws), wheres)
    return _kind_of_words(_words(name, raws, units), kept)


def _numbers(raw: Raw) -> Numbers:
    if isinstance(raw.cells, list):
        return read_numbers(raw.cells, raw.comma)
    values = raw.cells.astype(np.float64)
    none = np.zeros(len(values), dtype=bool)
    return Numbers(values, none, none if len(values) and np.isfinite(values).any() else np.isnan(values))


def _numeric(name: str, numbers: Sequence[Numbers], units: tuple[str, ...]) -> Meant:
    notes = dict.fromkeys(note for n in numbers for note in n.notes)
    stated = tuple(n.unit or unit for n, unit in zip(numbers, units, strict=True))
    return Meant(name, "number", tuple(n.values for n in numbers), stated, tuple(notes))


def _kind_of_numbers(column: Meant, numbers: Sequence[Numbers], kept: bool) -> Meant:
    """Dates, counters, row numbers, constants and flags among the columns of numbers."""
    values = [v[np.isfinite(v)] for v in column.values]
    if all(len(v) and _are_days(v) for v in values):
        return Meant(column.name, "date", column.values, column.units, ("dates as 19901231",))
    if kept or min(map(len, values)) < ENOUGH:
        return column
    whole = all((v == np.round(v)).all() for v in values)
    what: What = "number"
    if whole and all((np.diff(v) == 1).all() for v in values):
        what = "counter"
    elif whole and ROWS.fullmatch(column.name or "unnamed") and all(len(np.unique(v)) == len(v) for v in values):
        what = "identifier"
    elif len(np.unique(np.concatenate(values))) == 1 and all(
        len(v) == len(n.values) for v, n in zip(values, numbers, strict=True)
    ):
        what = "constant"
    elif FLAGS.fullmatch(column.name) and len(np.unique(np.concatenate(values))) <= 5:
        what = "flag"
    return Meant(column.name, what, column.values, column.units, column.notes)


def _are_days(values: Array) -> bool:
    """Whether all numbers are dates written as 19901231."""
    if (values != np.round(values)).any() or values.min() < 18000101 or values.max() > 21001231 or len(values) < 2:
        return False
    month, day = values // 100 % 100, values % 100
    return bool(((month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)).all())


def _words(name: str, raws: Sequence[Raw], units: tuple[str, ...], only_empty: bool = False) -> Meant:
    found, tokens = [], dict[str, int]()
    for raw in raws:
        cells = raw.cells if isinstance(raw.cells, list) else [_as_word(v) for v in raw.cells.tolist()]
        gone = [not cell if only_empty else cell.lower() in MISSING for cell in cells]
        for cell, missing in zip(cells, gone, strict=True):
            if missing and cell:
                tokens[cell] = tokens.get(cell, 0) + 1
        found.append(np.array(["" if missing else cell for cell, missing in zip(cells, gone, strict=True)]))
    return Meant(name, "category", tuple(found), units, (), tokens)


def _graded(
    name: str, raws: Sequence[Raw], wheres: Sequence[str], units: tuple[str, ...], order: tuple[str, ...]
) -> Meant:
    """A category whose levels go up; a cell that is none of them is an error."""
    if len(set(order)) < len(order) or len(order) < 2 or "" in order:
        raise BadInput(f"the levels of column {name!r} are not an order", "<".join(order), "name each once: low<high")
    found = _words(name, raws, units, only_empty=not any(level.lower() in MISSING for level in order))
    found = replace(found, values=tuple(np.where(np.isin(v, order), v, _unless_missing(v)) for v in found.values))
    for where, values in zip(wheres, found.values, strict=True):
        odd = sorted({word for word in values.tolist() if word and word not in order})
        if odd:
            raise BadInput(
                f"column {name!r} holds levels that its order does not name",
                f"{where}: {few(odd)}",
                f"--as '{name}={'<'.join(order)}<…' with all of them",
            )
    return replace(found, notes=(f"ordered: {' < '.join(order)}",), order=order)


def _unless_missing(words: Array) -> Array:
    """Words, without those that stand for a missing cell."""
    return np.array(["" if word.lower() in MISSING else word for word in words.tolist()], dtype=words.dtype)


def _as_word(value: Any) -> str:  # noqa: ANN401 - a number, a truth or bytes
    if isinstance(value, float):
        return "" if np.isnan(value) else str(int(value)) if value == int(value) else str(value)
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _kind_of_words(column: Meant, kept: bool) -> Meant:
    """Dates, identifiers, constants and free text among the columns of words."""
    full = [v[v != ""] for v in column.values]
    if any(map(len, full)) and all(DATE.fullmatch(word) for v in full for word in np.unique(v).tolist()):
        return Meant(column.name, "date", column.values, column.units)
    levels = np.unique(np.concatenate(full))
    if kept:
        return column
    what: What = "category"
    many = min(map(len, full)) >= ENOUGH
    if len(levels) == 1 and many and all(len(f) == len(v) for f, v in zip(full, column.values, strict=True)):
        what = "constant"
    elif len(levels) > LEVELS:
        distinct = many and all(len(np.unique(v)) >= 0.95 * len(v) for v in full)
        bare = not any(" " in word for word in levels[:200].tolist())
        said = ROWS.fullmatch(column.name or "unnamed") or all(re.search(r"\d", word) for word in levels[:200].tolist())
        what = (
            "identifier"
            if distinct and bare and said and not looks_like_smiles(column.name, levels.tolist())
            else "text"
        )
    return Meant(column.name, what, column.values, column.units, column.notes, column.tokens)


def _truths(raw: Raw) -> Array | None:
    """True and false as 1 and 0; None if there is anything else."""
    if not isinstance(raw.cells, list):
        return raw.cells.astype(np.float64) if raw.cells.dtype.kind == "b" else None
    words = [cell.lower() for cell in raw.cells]
    if not all(word in BOOLEANS or word in MISSING for word in words) or not any(word in BOOLEANS for word in words):
        return None
    return np.array([BOOLEANS.get(word, np.nan) for word in words])


def _texts(raws: Sequence[Raw]) -> list[list[str] | None]:
    """The cells where they are text."""
    return [raw.cells if isinstance(raw.cells, list) else None for raw in raws]


def check_compared(column: Meant, wheres: Sequence[str], others: Sequence[str]) -> None:
    """An error where a column can't be compared: dates, and words without end."""
    left = ",".join(name for name in others if name != column.name)
    instead = f"--columns {quoted(left)} compares the others" if left else "name another table"
    if column.what == "date":
        raise BadInput(
            "a date is no number to compare",
            f"{wheres[0]}: column {column.name}",
            f"{instead}; or make numbers of it (day of the year, hour …)",
        )
    if column.what != "text":
        return
    levels = np.unique(np.concatenate([v[v != ""] for v in column.values])).tolist()
    if looks_like_smiles(column.name, levels):
        raise BadInput(
            f"column {column.name!r} holds SMILES",
            f"{wheres[0]}: {few(levels)}",
            f"--kind smiles --key {quoted(column.name)}",
        )
    raise BadInput(
        f"column {column.name!r} holds too many different words to compare",
        f"{len(levels):,} of them: {few(levels)}",
        f"{instead}; or give --group {quoted(column.name)} if it names what belongs together, or sort it into at most "
        f"{LEVELS} classes",
    )
