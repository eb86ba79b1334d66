"""What is reported of columns that cannot be read as they stand: cells that are no numbers, numbers beside words."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.domains.tables.cells import Numbers

LEVELS = 20  # classes of a column of words, at most
SMILES = re.compile(r"[A-Za-z0-9@+\-\[\]()=#$:/\\.%*~]+")
Cells = Sequence[str] | Sequence[float]


def quoted(text: str) -> str:
    """A word as a shell wants it."""
    return text if re.fullmatch(r"[\w.,:=%+-]+", text) else f"'{text}'"


def looks_like_smiles(name: str, words: Sequence[str]) -> bool:
    """Whether a column of words holds SMILES."""
    some = [word for word in words[:300] if len(word) > 2]
    if not some or not all(SMILES.fullmatch(word) for word in some):
        return False
    shaped = sum(bool(re.search(r"[Cc]", word) and re.search(r"[=#()\[\]1]|CC|cc", word)) for word in some)
    return "smiles" in name.lower() or (shaped > 0.7 * len(some) and any("(" in word or "=" in word for word in some))


def _odd_cells(n: Numbers, raw: list[str] | None, where: str) -> str:
    rows = np.flatnonzero(n.odd) if raw is not None else np.zeros(0, dtype=np.int64)
    raw = raw or []
    stated = ", ".join(f"{raw[int(i)]!r} in row {int(i) + 1}" for i in rows[:3])
    return f"{where}: {stated}{' …' if len(rows) > 3 else ''}"


def check_odd(name: str, numbers: Sequence[Numbers], cells: Sequence[list[str] | None], wheres: Sequence[str]) -> None:
    """Cells that are no numbers in a column that is to be one."""
    for n, raw, where in zip(numbers, cells, wheres, strict=True):
        if n.odd.any():
            raise BadInput(
                f"column {name!r} holds cells that are no numbers",
                _odd_cells(n, raw, where),
                f"mend these cells, or --as {quoted(name + '=category')}",
            )


def check_nearly(
    name: str, numbers: Sequence[Numbers], cells: Sequence[list[str] | None], wheres: Sequence[str]
) -> None:
    """A column of numbers in which a few cells are none, by name: these are mistakes, not classes."""
    for n, raw, where in zip(numbers, cells, wheres, strict=True):
        there = int((~n.blank).sum())
        odd = int(n.odd.sum())
        if n.codes or not odd or odd == there:
            continue
        levels = len(set(raw)) if raw is not None else 0
        if odd <= max(1, 0.01 * there) < 0.5 * there or (levels > LEVELS and odd < 0.5 * there):
            raise BadInput(
                f"column {name!r} holds numbers, but for {odd:,} cell{'s' * (odd > 1)}",
                _odd_cells(n, raw, where),
                f"mend these cells, or --as {quoted(name + '=category')}",
            )


def check_mixed(
    name: str, numbers: Sequence[Numbers], cells: Sequence[list[str] | None], wheres: Sequence[str]
) -> None:
    """Numbers in one table and words in another."""
    numeric = [n.numeric for n in numbers]
    if not any(numeric):
        return
    if any(n.codes for n in numbers):  # 1E5 beside 12: codes in both
        return
    stated = ", ".join(
        f"{'numbers' if is_number else 'words'} in {where}" for where, is_number in zip(wheres, numeric, strict=True)
    )
    place = numeric.index(False)
    if not numbers[place].blank.all():
        stated += f" ({_odd_cells(numbers[place], cells[place], wheres[place])})"
    raise BadInput(
        f"column {name!r} holds numbers in one table and words in another",
        stated,
        f"make them alike, or --as {quoted(name + '=category')}",
    )
