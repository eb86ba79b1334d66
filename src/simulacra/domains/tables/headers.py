"""Whether the first row of a table names its columns, and whether the next one holds their units."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from simulacra.domains.tables.cells import DASHES, MISSING, read_numbers

SEEN = 60  # rows that are looked at
LONGEST = 16  # letters of a unit
UNIT = re.compile(r"(.*\S)\s*\[(.+)\]")
"""A header that ends in a unit: "mass [kg]"."""


def is_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns: it holds words where numbers follow, or counts the columns."""
    first, rest = rows[0], rows[1 : SEEN + 1]
    if not first[0] and len(first) > 1 and _counts_up(first[1:]) and all(row[0] for row in rest):
        return True  # pandas writes an index without a name beside columns that it counts
    if _numbers_all(first):
        return bool(rest) and _counts(first, rest)
    below = [[row[i] for row in rest if i < len(row)] for i in range(len(first))]
    numeric = [bool(column) and read_numbers(column).numeric for column in below]
    if not any(numeric) or any(not read_numbers([c]).numeric for c, n in zip(first, numeric, strict=True) if n and c):
        return True
    # numbers stand above numbers: data, if the words of the first row are words of the columns below, too
    words = [(cell, column) for cell, column, n in zip(first, below, numeric, strict=True) if not n]
    pointed = any("." in cell for cell, n in zip(first, numeric, strict=True) if n)
    return not (pointed and words and all(cell in column for cell, column in words))


def _numbers_all(row: Sequence[str]) -> bool:
    """Whether each cell is a number, or says that one is missing."""
    joined = [cell for cell in row if cell.lower() not in MISSING and cell not in DASHES]
    if any(not cell for cell in row) and len(joined) < len(row) / 2:
        return False
    return all((n := read_numbers([cell])).numeric or n.codes or n.comma == "unclear" for cell in joined)


def _counts(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Whether a first row of numbers counts the columns, or names them by even steps (years, wavelengths)."""
    if not _counts_up(first) or all(_counts_up(row) for row in rest):
        return False
    if len(first) >= 4:
        return True
    pointed = sum(not re.fullmatch(r"-?\d+", cell) for row in rest for cell in row)
    return first[0] == "0" and 2 * pointed > sum(map(len, rest))  # of few columns, only above what is not whole


def _counts_up(row: Sequence[str]) -> bool:
    """Whether a row of whole numbers goes up in equal steps; a single one does where it is 0."""
    if not all(re.fullmatch(r"-?\d+", cell) for cell in row):
        return False
    steps = {int(b) - int(a) for a, b in pairwise(row)}
    return min(steps) > 0 and len(steps) == 1 if steps else list(row) == ["0"]


def units_of(rows: Sequence[Sequence[str]]) -> list[str]:
    """The units that the first row holds, where it stands as words above numbers; empty if it is data."""
    first, rest = rows[0], rows[1 : SEEN + 1]
    if len(rest) < 2:
        return []
    there = [i for i in range(len(first)) if read_numbers([row[i] for row in rest]).numeric]
    numeric = [i for i in there if not _missing(first[i])]
    words = [first[i] for i in numeric if not ((n := read_numbers([first[i]])).numeric or n.comma == "unclear")]
    if not words or len(words) < len(numeric) or 2 * len(words) < len(there) or max(map(len, words)) > LONGEST:
        return []
    return [cell.strip("[]() ") if i in there and not _missing(cell) else "1" for i, cell in enumerate(first)]


def _missing(cell: str) -> bool:
    return cell.lower() in MISSING or cell in DASHES
