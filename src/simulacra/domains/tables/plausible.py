"""What cannot be meant: codes of missing values among numbers, zeros for gaps, channels without variance, units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simulacra.core.samples import Array

CODES = frozenset(
    (
        *(-1.0, -9.0, -99.0, -999.0, -9999.0, -99999.0, -999999.0, 9.0, 99.0, 999.0, 9999.0, 99999.0, 999999.0),
        *(-8888.0, -7777.0, 888.0, 8888.0, -32768.0, 32767.0, 65535.0, -2147483648.0, 2147483647.0, 4294967295.0),
    )
)
"""What stands for a missing value in many files, whatever decimals of nines follow."""
FAR, FAR_CODE = 3.0, 1.0  # gaps to the nearest other value, in ranges of the others
ZERO_GAP = 0.2  # the same for zeros among positive numbers


@dataclass(frozen=True)
class Far:
    """A value that stands often and far from all others.

    Args:
        value: itself.
        rows: where it stands, counted from 0.
        low: the least of the others.
        high: the largest of them.
        code: whether it is one of the usual codes for a missing value.
    """

    value: float
    rows: Array
    low: float
    high: float
    code: bool

    def stated(self, rows: str = "row") -> str:
        """In words, with the first places counted from 1."""
        first = ", ".join(str(int(i) + 1) for i in self.rows[:3])
        more = " …" if len(self.rows) > 3 else ""
        n = len(self.rows)
        return (
            f"{self.value:g} stands {n:,} times ({rows} {first}{more}), all others lie in {self.low:g} … {self.high:g}"
        )


def is_code(value: float) -> bool:
    """Whether a number is a usual code for a missing value.

    >>> is_code(-999.0), is_code(9999.9), is_code(1e20), is_code(37.5)
    (True, True, True, False)
    """
    size = abs(value)
    nines = str(int(size)) if size < 1e9 else ""
    decimals = f"{size:.4f}".rstrip("0").partition(".")[2]
    return value in CODES or size >= 1e19 or (len(nines) > 1 and set(nines) == {"9"} and set(decimals) <= {"9"})


def far_values(column: Array) -> list[Far]:
    """Repeated values far from all others: a code for what is missing stands among the numbers.

    A value counts as far if the gap to the nearest other one is three times the range of the others (once, for the
    usual codes).

    Args:
        column: numbers, (n,); NaN and infinite ones are passed over.
    """
    found: list[Far] = []
    rest = np.asarray(column, dtype=np.float64)
    for _ in range(4):
        there = rest[np.isfinite(rest)]
        levels, counts = np.unique(there, return_counts=True)
        if len(levels) < 4:
            return found
        at, often = levels.tolist(), counts.tolist()
        ends = ((at[0], often[0], at[1], at[-1]), (at[-1], often[-1], at[0], at[-2]))
        new = [_far(column, *end, few=len(levels) < 6) for end in ends]
        far = [one for one in new if one is not None]
        if not far:
            return found
        found += far
        rest = np.where(np.isin(rest, [one.value for one in far]), np.nan, rest)
    return found


def _far(column: Array, value: float, count: int, low: float, high: float, few: bool) -> Far | None:
    code = is_code(float(value))
    gap = low - value if value < low else value - high
    width = high - low
    huge = bool(abs(value) >= 1e19 and gap > 1e6 * max(width, abs(low), abs(high)))
    far = gap > (FAR_CODE if code else FAR) * width
    if not far or (count < 2 and not huge) or (few and not code):
        return None
    return Far(float(value), np.flatnonzero(np.asarray(column) == value), float(low), float(high), code)


def zeros_for_gaps(column: Array) -> str:
    """Whether zeros stand among positive numbers far from zero, in words; empty if not."""
    x = np.asarray(column, dtype=np.float64)
    zero, rest = x == 0, x[np.isfinite(x) & (x != 0)]
    if zero.sum() < 2 or zero.mean() > 0.5 or len(np.unique(rest)) < 20 or rest.min() <= 0:
        return ""
    low, high = np.quantile(rest, [0.01, 0.99])
    if rest.min() < ZERO_GAP * (high - low) or low < ZERO_GAP * high:
        return ""
    first = ", ".join(str(i + 1) for i in np.flatnonzero(zero)[:3])
    return f"0 stands {int(zero.sum()):,} times (row {first} …), the next value is {rest.min():g}: are these gaps?"


def heaped_zeros(column: Array) -> str:
    """Zeros where nothing else is small: never measured, or written for what was missing; true zeros heap up, too."""
    there = column[np.isfinite(column)]
    zero = there == 0
    if len(there) > 9 and zero.all():
        return f"all {len(there):,} values are 0: was it never measured?"
    rest = there[~zero]
    if zero.sum() < 5 or len(np.unique(rest)) < 20 or rest.min() <= 0:
        return ""
    quarter = float(np.median(rest)) / 4
    small = int((rest <= quarter).sum())
    if zero.sum() <= 5 * small:
        return ""
    return (
        f"0 stands {int(zero.sum()):,} times, {small:,} values lie between it and {quarter:.3g}: gaps, or true zeros?"
    )


def doubts(name: str, column: Array) -> list[str]:
    """What is not plausible in a column of numbers, in words."""
    found = [f"{name}: {far.stated()}: is it a code for a missing value?" for far in far_values(column)]
    zeros = zeros_for_gaps(column)
    return found + ([f"{name}: {zeros}"] if zeros else [])


def off_by_units(model: Mapping[str, Array], truth: Mapping[str, Array]) -> list[str]:
    """Columns whose size differs by a thousand or more between model and truth, in words: "units?"."""
    found = []
    for name in truth:
        if name not in model:
            continue
        m, t = (_size(x[name]) for x in (model, truth))
        if min(m, t) > 0 and max(m, t) / min(m, t) > 500:
            ratio = m / t
            stated = f"{ratio:,.3g} ×" if ratio > 1 else f"1/{1 / ratio:,.3g} of"
            found.append(f"{name}: the model's numbers are {stated} the truth's size: the same units?")
    return found


def _size(x: Array) -> float:
    there = np.abs(np.asarray(x, dtype=np.float64).ravel())
    there = there[np.isfinite(there)]
    return float(np.median(there)) if len(there) else 0.0


def dead(x: Array) -> Array:
    """Which of n rows of numbers are constant, (n,): channels without a signal, blank pictures."""
    flat = np.asarray(x).reshape(len(x), -1)
    return np.asarray(flat.max(axis=1) == flat.min(axis=1))


def few(words: Sequence[str], most: int = 5) -> str:
    """The first of many, and how many there are."""
    return ", ".join(words[:most]) + (f" … ({len(words):,} in all)" if len(words) > most else "")
