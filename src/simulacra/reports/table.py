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
    """One control's row: the set, its fault, the judges that told it, and whether that is as it should be."""

    name: str
    fault: str
    caught: str
    symbol: str
    remark: str


def controls(found: Mapping[str, Mapping[str, Any]]) -> list[ControlLine]:
    """A row for each set whose fault is known; truth has none, and nobody should tell it."""
    rows = []
    for name, control in found.items():
        caught = [str(judge) for judge in control["caught"]]
        fault, missed = str(control["fault"]), bool(control["missed"])
        right, wrong = ("caught", "missed") if fault else ("left alone", "taken for false")
        symbol, remark = ("✗", wrong) if missed else ("✓", right)
        broken = ", ".join(str(judge) for judge in control.get("broken", ()))
        if broken and fault:
            remark += f"; unsure, as it told none such: {broken}"
        elif broken:
            remark += f"; unsure for that: {broken}"
        told = ", ".join(caught) or "no judge"
        rows.append(ControlLine(name, fault or "none: unseen true samples", told, symbol, remark))
    return rows


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
