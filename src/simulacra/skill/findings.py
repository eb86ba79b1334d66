"""What a judge of forecasts finds, before its p is adjusted for the other judges beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from scipy import stats

from simulacra.comparison.several import holm
from simulacra.core.verdict import LEVEL, Verdict, Word

SURE = 1e-300
"""A p below this counts as this: its departure is 37 standard errors, and no more digits are believed."""


@dataclass(frozen=True)
class Found:
    """One judge's finding on one forecaster.

    Args:
        p: the probability of such a departure if there were no fault.
        ratio: the departure over what chance makes it, in the median: about 1 where there is no fault.
        reach: the smallest fault that would have been caught four times in five; None if none that was asked about.
        reach_words: the same in words.
        pieces: about how many independent pieces of evidence there were: blocks of days, groups of samples.
        note: what a reader must know.
        parts: p of the parts of the judge, by name.
        blind: whether the judge cannot say: *unsure*, whatever the reach.
        drawn: the same as `pieces` of what the model drew, where that is another number.
    """

    p: float
    ratio: float
    reach: float | None
    reach_words: str
    pieces: int
    note: str = ""
    parts: Mapping[str, float] = field(default_factory=dict)
    blind: bool = False
    drawn: int | None = None


def over_chance(p: float, of: int = 1) -> float:
    """How many times as large a departure is as chance makes it in the median.

    The departure is that of a normal number with this p, on either side; the median is that of the largest of so many
    independent ones.

    Args:
        p: of the departure, not adjusted; the smallest of `of`.
        of: among how many it was the largest.

    >>> round(over_chance(0.5), 9), round(over_chance(0.05), 2)
    (1.0, 2.91)
    """
    median = stats.norm.isf((1 - 0.5 ** (1 / of)) / 2)
    return float(stats.norm.isf(max(p, SURE) / 2) / median)


def verdicts(found: Mapping[str, Found], asked: Mapping[str, float]) -> dict[str, Verdict]:
    """The words on one forecaster, with p adjusted over its judges (Holm).

    Args:
        found: by judge.
        asked: the reach that is asked of a judge, by its name.
    """
    adjusted = holm([f.p for f in found.values()])
    return {
        name: Verdict(
            judge=name,
            word=_word(p, f, asked.get(name)),
            p=p,
            p_alone=f.p,
            ratio=f.ratio,
            reach=f.reach,
            reach_words=f.reach_words,
            asked=asked.get(name),
            n_model=f.pieces if f.drawn is None else f.drawn,
            n_truth=f.pieces,
            note=f.note,
            views=dict(f.parts),
        )
        for (name, f), p in zip(found.items(), adjusted, strict=True)
    }


def _word(p: float, found: Found, asked: float | None) -> Word:
    if p <= LEVEL:
        return "differs"
    blunt = found.reach is None or (asked is not None and found.reach > asked * (1 + 1e-9))
    return "unsure" if found.blind or blunt else "consistent"
