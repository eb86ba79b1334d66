"""Verdicts as rows of a table: every cell a word, a symbol and a number, never a color alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulacra.core.verdict import Verdict
from simulacra.reports.numbers import p_value, times
from simulacra.reports.sentence import SYMBOLS


@dataclass(frozen=True)
class Cell:
    """One verdict, short."""

    word: str
    symbol: str
    ratio: str
    p: str
    reach: str = ""
    note: str = ""
    changed: str = ""


@dataclass(frozen=True)
class Line:
    """One judge's row: a cell for each column, None where it has not spoken."""

    judge: str
    cells: tuple[Cell | None, ...]


def cell(verdict: Verdict, expected: str | None = None) -> Cell:
    """A verdict's cell; `expected` is the word on record, marked where the verdict is another."""
    changed = f"on record: {expected}" if expected is not None and expected != verdict.word else ""
    symbol = SYMBOLS.get(verdict.word, "?")
    return Cell(
        verdict.word, symbol, times(verdict.ratio), p_value(verdict.p), verdict.reach_words, verdict.note, changed
    )


@dataclass(frozen=True)
class ControlLine:
    """One control's row: the set, its fault, the judges that saw it, and whether that is as it should be."""

    name: str
    fault: str
    caught: str
    symbol: str
    remark: str


def controls(found: Mapping[str, Mapping[str, Any]]) -> list[ControlLine]:
    """A row for each set whose fault is known; truth has none, and nobody should reject it."""
    rows = []
    for name, control in found.items():
        caught = [str(judge) for judge in control["caught"]]
        fault, missed = str(control["fault"]), bool(control["missed"])
        right, wrong = ("caught", "missed") if fault else ("left alone", "taken for false")
        symbol, remark = ("✗", wrong) if missed else ("✓", right)
        broken = ", ".join(str(judge) for judge in control.get("broken", ()))
        if broken and fault:
            remark += f"; unsure, as it saw none such: {broken}"
        elif broken:
            remark += f"; unsure for that: {broken}"
        stated = ", ".join(caught) or "no judge"
        rows.append(ControlLine(name, fault or "none: unseen true samples", stated, symbol, remark))
    return rows


@dataclass(frozen=True)
class ApartLine:
    """One condition's row: which judge distinguishes each set, and what the judges would have told of the model.

    Args:
        condition: in words.
        cells: of each set: the judges that differ, of how many, and the farthest; None where it was not judged.
        reach: of each judge, in words.
    """

    condition: str
    cells: tuple[tuple[str, str, str] | None, ...]
    reach: tuple[str, ...]


def apart(found: Mapping[str, Mapping[str, Mapping[str, Verdict]]]) -> tuple[list[str], list[ApartLine]]:
    """The sets, and a row for each condition that was judged alone."""
    names = list(dict.fromkeys(name for rows in found.values() for name in rows))
    stated = []
    for condition, rows in found.items():
        cells = tuple(_all_judges(rows[name]) if name in rows else None for name in names)
        some = rows.get("model") or next(iter(rows.values()))
        stated.append(ApartLine(condition, cells, tuple(f"{judge} {v.reach_words}" for judge, v in some.items())))
    return names, stated


def _all_judges(row: Mapping[str, Verdict]) -> tuple[str, str, str]:
    """A word for all judges together, its symbol, and who says so at how many noise floors."""
    differ = [v for v in row.values() if v.word == "differs"]
    unsure = [v for v in row.values() if v.word == "unsure"]
    word = "differs" if differ else "unsure" if unsure else "consistent"
    farthest = max(row.values(), key=lambda v: v.ratio)
    names = ", ".join(v.judge for v in differ or unsure)
    count = f"{len(differ or unsure)} of {len(row)}{': ' + names if names else ''}" if names else f"all {len(row)}"
    return word, SYMBOLS.get(word, "?"), f"{count}; farthest {farthest.judge}, {times(farthest.ratio)}"


def lines(columns: Sequence[Mapping[str, Verdict]], expected: Mapping[str, str] | None = None) -> list[Line]:
    """A row for each judge that any column knows; the record's words are held against the first column."""
    judges = list(dict.fromkeys(judge for column in columns for judge in column))
    found = []
    for judge in judges:
        cells = tuple(
            cell(column[judge], (expected or {}).get(judge) if i == 0 else None) if judge in column else None
            for i, column in enumerate(columns)
        )
        found.append(Line(judge, cells))
    return found
