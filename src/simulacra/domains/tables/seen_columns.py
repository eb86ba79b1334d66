"""What a table holds, column by column, before anything is done to it: types, ranges, gaps, and what looks odd."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array
from simulacra.domains.tables.column import Meant, Raw, Wish, decide
from simulacra.domains.tables.column_errors import quoted
from simulacra.domains.tables.plausible import far_values, few, heaped_zeros, zeros_for_gaps

BINS = 20
TWO_ORDERS = re.compile(r"(\d{1,2})[-./](\d{1,2})[-./]\d{2,4}")
REPEATED = 0.9
"""Distinct names to rows below which a column of names is taken for that of patients with several rows."""


@dataclass(frozen=True, eq=False)
class Seen:
    """One column.

    Args:
        name: its header.
        what: it is taken for: number, category, date, identifier, counter, constant, flag, text, empty; or unclear.
        unit: of its numbers.
        gone: which cells are missing, (n,).
        stated: range, quartiles, levels … in plain values.
        doubts: what looks odd, each with what to write if it is so.
        notes: what was taken for what.
    """

    name: str
    what: str
    unit: str
    gone: Array
    stated: Mapping[str, Any] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def used(self) -> bool:
        """Whether judges and imputers take it as it is."""
        return self.what in ("number", "whole number", "yes or no", "category", "ordered category")


def seen(name: str, raw: Raw, where: str, wish: Wish | None = None) -> Seen:
    """A column, looked at; what cannot be read is said, not raised."""
    blank = _blank(raw)
    if blank.all():
        return Seen(name, "empty", raw.unit, blank, {}, ("no cell holds a value: it is left out",))
    try:
        meant = decide(name, [raw], [where], wish)
    except BadInput as error:
        return Seen(name, "unclear", raw.unit, blank, {}, (f"{error.wrong} ({error.given}): {error.fix}",))
    if meant.what == "aside":
        return Seen(name, "aside", raw.unit, blank, {}, (), meant.notes)
    values = meant.values[0]
    if meant.what == "date":
        return Seen(name, "date", "1", _blank_words(values, blank), _dates(raw), _two_orders(raw), meant.notes)
    if values.dtype.kind == "f":
        return _numbers(meant, values)
    gone = values == ""
    levels, counts = np.unique(values[~gone], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    if meant.order:
        order = np.argsort([meant.order.index(level) for level in levels.tolist()])
    shown = {str(levels[k]): int(counts[k]) for k in order[:12]}
    stated = {"levels": shown, "different": len(levels)}
    doubts = _few_rows(name, levels, counts) if meant.what == "category" else _people(name, meant.what, values[~gone])
    tokens = tuple(f"{token!r} is read as missing ({n:,} times)" for token, n in meant.tokens.items())
    what = "ordered category" if meant.order else meant.what
    return Seen(name, what, meant.units[0], gone, stated, doubts, (*meant.notes, *tokens))


def patterns(columns: Sequence[Seen], most: int = 12) -> list[dict[str, Any]]:
    """Which columns are missing together, the most frequent pattern first: columns and number of rows."""
    if not columns:
        return []
    gone = np.column_stack([column.gone for column in columns])
    kinds, counts = np.unique(gone, axis=0, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:most]
    return [
        {"missing": [c.name for c, here in zip(columns, kinds[k], strict=True) if here], "rows": int(counts[k])}
        for k in order
    ]


def _numbers(meant: Meant, values: Array) -> Seen:
    gone = np.isnan(values)
    there = values[np.isfinite(values)]
    distinct = np.unique(there)
    what = meant.what
    if what == "number" and set(distinct.tolist()) <= {0.0, 1.0}:
        what_said = "yes or no"
    elif what == "number" and (distinct == np.round(distinct)).all():
        what_said = "whole number"
    else:
        what_said = str(what)
    low, first, middle, third, high = (
        np.quantile(there, [0, 0.25, 0.5, 0.75, 1]).tolist() if len(there) else [np.nan] * 5
    )
    stated: dict[str, Any] = {
        "least": low, "first_quartile": first, "median": middle, "third_quartile": third, "largest": high,
        "mean": float(there.mean()) if len(there) else None, "sd": float(there.std()) if len(there) else None,
        "different": len(distinct), "zeros": int((there == 0).sum()),
    }  # fmt: skip
    if len(distinct) <= 12:
        stated["values"] = {f"{v:g}": int((there == v).sum()) for v in distinct.tolist()}
    if low < high:
        counts, edges = np.histogram(there, BINS)
        stated["histogram"] = {"counts": counts.tolist(), "low": float(edges[0]), "high": float(edges[-1])}
    doubts = [
        f"{far.stated()}: a code for a missing value? --missing {quoted(f'{meant.name}={far.value:g}')}"
        for far in far_values(values)
    ]
    zeros = zeros_for_gaps(values) or heaped_zeros(there)
    doubts += [f"{zeros} --missing {quoted(f'{meant.name}=0')}"] if zeros else []
    doubts += [f"{int(np.isinf(values).sum()):,} cells are infinite"] if np.isinf(values).any() else []
    return Seen(meant.name, what_said, meant.units[0], gone, stated, tuple(doubts), meant.notes)


def _few_rows(name: str, levels: Array, counts: Array) -> tuple[str, ...]:
    rare = [str(level) for level, n in zip(levels, counts, strict=True) if n < 5]
    folded: dict[str, list[str]] = {}
    for level in levels.tolist():
        folded.setdefault(str(level).strip().lower(), []).append(str(level))
    twins = [" and ".join(map(repr, same)) for same in folded.values() if len(same) > 1]
    found = [f"levels that differ in capitals or spaces alone: {few(twins)}"] if twins else []
    found += [f"fewer than five rows hold {few([repr(r) for r in rare])}"] if rare and len(levels) > 2 else []
    return tuple(found)


def _people(name: str, what: str, words: Array) -> tuple[str, ...]:
    """Names that come again: rows of one patient."""
    n, distinct = len(words), len(np.unique(words))
    if what in ("identifier", "text") and distinct < REPEATED * n and distinct > 20:
        return (f"{distinct:,} names in {n:,} rows: do rows of one name belong together? --group {quoted(name)}",)
    return ()


def _dates(raw: Raw) -> dict[str, Any]:
    if isinstance(raw.cells, list):
        words = [cell for cell in raw.cells if cell]
        return {"for example": words[:3]} if words else {}
    there = raw.cells[~np.isnat(raw.cells)]
    return {"least": str(there.min()), "largest": str(there.max())} if len(there) else {}


def _two_orders(raw: Raw) -> tuple[str, ...]:
    """Days and months in two orders in one column: 13/04 and 04/13."""
    if not isinstance(raw.cells, list):
        return ()
    found = [(m, cell) for cell in raw.cells if (m := TWO_ORDERS.match(cell))]
    day_first = next((cell for m, cell in found if int(m[1]) > 12), "")
    month_first = next((cell for m, cell in found if int(m[2]) > 12), "")
    if day_first and month_first:
        return (f"dates in two orders: {day_first!r} and {month_first!r}; write them as 2026-11-30",)
    if found and not day_first and not month_first:
        return (f"day or month first? {found[0][1]!r} does not tell; write them as 2026-11-30",)
    return ()


def _blank(raw: Raw) -> Array:
    from simulacra.domains.tables.cells import MISSING

    if isinstance(raw.cells, list):
        return np.array([cell.strip().lower() in MISSING for cell in raw.cells], dtype=bool)
    if raw.cells.dtype.kind in "mM":
        return np.isnat(raw.cells)
    return np.isnan(raw.cells) if raw.cells.dtype.kind == "f" else np.zeros(len(raw.cells), dtype=bool)


def _blank_words(values: Array, blank: Array) -> Array:
    return blank if len(blank) == len(values) else np.zeros(len(values), dtype=bool)
