"""What a judge of forecasts finds, before its p is adjusted for the other judges beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from simulacra.comparison.several import holm
from simulacra.core.verdict import LEVEL, Verdict, Word


@dataclass(frozen=True)
class Found:
    """One judge's finding on one forecaster.

    Args:
        p: the probability of such a departure if there were no fault.
        ratio: the departure over what chance makes it, in the median.
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
