"""The one reader of numbers written as text: what notation a column uses, its numbers, and which cells are none.

Plain numbers (1, -2.5, .5, 1e-3, 1.0D-02), U+2212 as minus, separators of thousands (1,234.5; 1 234; 1'234), decimal
commas (3,5; 1.234,5), one percent sign or unit behind all of them. `2_10`, `007` and `1E5` without point or sign are
codes, not numbers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from simulacra.core.samples import Array

Comma = Literal["", "decimal", "thousands", "unclear", "both"]
MISSING = frozenset(
    (
        *("", "na", "n/a", "nan", "null", "none", "?", "<na>", "nat", "missing", "#n/a", "#na", "#value!", "#div/0!"),
        *("#ref!", "#num!", "#name?"),
    )
)
"""What stands for a missing value, in small letters; in a column of words too."""
DASHES = frozenset(("-", "--", "---", ".", "..", "…", "–", "—", "*"))
"""What stands for one among numbers."""
PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eEdD][+-]?\d{1,3})?")
INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)
WITH_COMMA = re.compile(r"[+-]?[\d.]*,[\d,.]*\d([eE][+-]?\d+)?")
COMMA_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")
COMMA_DECIMAL = re.compile(r"[+-]?(\d*|[1-9]\d{0,2}(\.\d{3})+),\d*([eE][+-]?\d+)?")
POINT_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+")
SPACED = re.compile(r"([+-]?[1-9]\d{0,2})((?:[ '’]\d{3})+)([.,]\d*)?")
CODE = re.compile(r"\d+[eE]\d+")
ZEROS = re.compile(r"0\d+")
UNIT = re.compile(
    r"([$€£¥])?\s*([+-]?[\d.,' ’]*\d[\d.,]*(?:[eE][+-]?\d+)?|[+-]?\d+\.)(\s*(?:%|‰|°[CFK]?|[$€£¥])|\s+[^\W\d]\S{0,11})?"
)
SPACES = {
    0xA0: " ",
    0x2007: " ",
    0x2009: " ",
    0x202F: " ",
    0x2212: "-",
    0xFE63: "-",
    0xFF0D: "-",
    0x2010: "-",
    0x2011: "-",
}


@dataclass(frozen=True, eq=False)
class Numbers:
    """A column of text as numbers.

    Args:
        values: (n,), NaN where a cell is missing or no number.
        odd: which cells are no numbers, (n,).
        blank: which cells are missing, (n,).
        comma: what a comma is in this column; "" if there is none, "unclear" if 1,234 is all there is.
        unit: that stands in every cell ("%", "kg"); "" if none.
        notes: what was taken for what, in words.
        codes: whether the cells are written as codes are (007, 1E5), not as numbers are.
        whole: whether every number is written without point and exponent.
    """

    values: Array
    odd: Array
    blank: Array
    comma: Comma = ""
    unit: str = ""
    notes: tuple[str, ...] = ()
    codes: bool = False
    whole: bool = False

    @property
    def numeric(self) -> bool:
        """Whether there are numbers, and nothing but numbers and missing cells."""
        return not self.codes and not self.odd.any() and not self.blank.all() and self.comma != "both"


def read_numbers(cells: Sequence[str], comma: Comma = "") -> Numbers:
    """The numbers of a column.

    Args:
        cells: as they stand in the file.
        comma: what a comma is elsewhere in the file, for columns in which it is unclear.

    >>> read_numbers(["3,5", "1.234,25", ""]).values
    array([   3.5 , 1234.25,     nan])
    >>> read_numbers(["1_2", "12"]).numeric, read_numbers(["1E5", "2E3"]).numeric, read_numbers(["40%"]).unit
    (False, False, '%')
    """
    if (quick := _quick(cells)) is not None:
        return quick
    place: dict[str, int] = {}
    back = np.array([place.setdefault(cell, len(place)) for cell in cells], dtype=np.int64)
    texts = [" ".join(text.translate(SPACES).split()) for text in place]
    blank = np.array([text.lower() in MISSING or text in DASHES for text in texts], dtype=bool)
    units = [("", text) if gone else _unit_of(text) for text, gone in zip(texts, blank, strict=True)]
    there = {unit for (unit, _), gone in zip(units, blank, strict=True) if not gone}
    unit = there.pop() if len(there) == 1 else ""
    bare = [number if unit else text for text, (_, number) in zip(texts, units, strict=True)]
    notes = [f"the unit {unit!r} is taken from the cells"] if unit else []
    ungrouped = [_ungrouped(text) for text in bare]
    notes += ["separators of thousands are left out"] if ungrouped != bare else []
    full = [text for text, gone in zip(ungrouped, blank, strict=True) if not gone]
    used = _comma_of(full, comma)
    values = np.full(len(texts), np.nan)
    for i, (text, gone) in enumerate(zip(ungrouped, blank, strict=True)):
        if not gone:
            values[i] = _value(text, used)
    odd = np.isnan(values) & ~blank
    if used in ("decimal", "thousands"):
        notes.append("decimal commas" if used == "decimal" else "commas separate thousands")
    if any("\u2212" in text for text in place):
        notes.append("U+2212 is read as a minus")
    if any(re.search(r"\d[dD][+-]?\d", text) for text in full):
        notes.append("the exponents of Fortran (D) are read as e")
    whole = all(re.fullmatch(r"[+-]?\d+", text) for text in full)
    return Numbers(values[back], odd[back], blank[back], used, unit, tuple(notes), _are_codes(full), whole)


def _quick(cells: Sequence[str]) -> Numbers | None:
    """Plain numbers, as most columns are; None where a closer look is needed."""
    joined = "\x1f".join(cells)
    if re.search(r"[^\x1f \t\d.eE+-]|(?:^|[\x1f \t])[+-]?0\d|(?:^|[\x1f \t])\d+[eE]\d", joined):
        return None
    try:
        values = np.array(cells, dtype=np.str_).astype(np.float64) if cells else np.empty(0)
    except ValueError:
        return None
    none = np.zeros(len(values), dtype=bool)
    return Numbers(values, none, none, whole=not re.search(r"[.eE]", joined))


def _unit_of(text: str) -> tuple[str, str]:
    """The unit of a cell, and the number without it."""
    found = UNIT.fullmatch(text)
    if not found:
        return "", text
    return (found[1] or found[3] or "").strip(), found[2].strip()


def _ungrouped(text: str) -> str:
    """A number without spaces or apostrophes between its thousands."""
    found = SPACED.fullmatch(text)
    return found[1] + re.sub(r"[ '’]", "", found[2]) + (found[3] or "") if found else text


def _comma_of(texts: Sequence[str], hint: Comma) -> Comma:
    """What a comma is among these numbers."""
    commas = [text for text in texts if WITH_COMMA.fullmatch(text)]
    if not commas:
        pointed = [text for text in texts if "." in text]
        grouped = bool(pointed) and hint == "decimal" and all(POINT_THOUSANDS.fullmatch(text) for text in pointed)
        return "decimal" if grouped else ""
    thousands = [bool(COMMA_THOUSANDS.fullmatch(text)) for text in commas]
    decimal = [bool(COMMA_DECIMAL.fullmatch(text)) for text in commas]
    if all(thousands) and all(decimal):
        # a point elsewhere in the column, or 0.5 beside 1,234, says that the comma is none
        if any(re.fullmatch(r"[+-]?\d+\.\d*", text) and not POINT_THOUSANDS.fullmatch(text) for text in texts):
            return "thousands"
        return hint if hint in ("decimal", "thousands") else "unclear"
    if all(thousands):
        return "thousands"
    return "decimal" if all(decimal) else "both"


def _value(text: str, comma: Comma) -> float:
    """The number of a cell; NaN if it is none."""
    if comma == "thousands" and COMMA_THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    if comma == "decimal":
        if "," in text and COMMA_DECIMAL.fullmatch(text):
            text = text.replace(".", "").replace(",", ".")
        elif POINT_THOUSANDS.fullmatch(text):
            text = text.replace(".", "")
    text = text.replace("*^", "e")
    if PLAIN.fullmatch(text):
        return float(re.sub("[dD]", "e", text))
    return float(text) if INFINITE.fullmatch(text) else float("nan")


def _are_codes(texts: Sequence[str]) -> bool:
    """Whether digits stand here as codes: with zeros before them, or as 1E5 with neither point nor sign."""
    if any(ZEROS.fullmatch(text) for text in texts):
        return all(re.fullmatch(r"\d+", text) for text in texts)
    return any(CODE.fullmatch(text) for text in texts) and all(re.fullmatch(r"\d+([eE]\d+)?", text) for text in texts)
