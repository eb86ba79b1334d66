"""A verdict: differs, consistent or unsure, with its p, its ratio to the noise floor and its reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Word = Literal["differs", "consistent", "unsure"]
LEVEL = 0.05
"""The chance of a false *differs* that a family of judges may have."""


@dataclass(frozen=True)
class Effect:
    """One way in which the model's samples are off, in the field's units.

    Args:
        words: the whole of it: "energy per site 3.1 % too high at temperature 2.2 (2.5 to 3.8 %)".
        what: the quantity.
        kind: "mean", "spread" (its standard deviation) or "share".
        under: the condition, in words; empty for all samples together.
        size: model less truth, in `unit`.
        low: lower end of its 95 % interval, which holds for all that was looked at together.
        high: the upper end.
        unit: "%" of truth's own value, or the unit of the quantity; empty if it has none.
    """

    words: str
    what: str
    kind: str
    under: str
    size: float
    low: float
    high: float
    unit: str


@dataclass(frozen=True)
class Verdict:
    """What one judge says of one set of samples.

    Args:
        judge: the judge's name.
        word: *differs* (the difference is larger than chance), *consistent* (no difference was seen, and one as
            small as was asked for would have been), *unsure* (none was seen, but the judge is too blunt to say).
        p: the p-value, adjusted over all judges of the study (Holm).
        p_alone: the p-value of this judge alone.
        ratio: the observed distance over the median distance between two sets of one law.
        reach: the smallest planted defect that this test catches four times in five; None if none that was tried.
        reach_words: the same, in the words of the field.
        asked: the reach that the study asked for; None if it asked for none.
        n_model: independent samples (groups) of the model.
        n_truth: independent samples (groups) of the truth.
        note: anything a reader must know.
        views: the p of each view of the test, before they are made one.
        effects: how wrong, in the field's units: the largest effects that are sure.
    """

    judge: str
    word: Word
    p: float
    p_alone: float
    ratio: float
    reach: float | None
    reach_words: str
    asked: float | None
    n_model: int
    n_truth: int
    note: str = ""
    views: Mapping[str, float] = field(default_factory=dict)
    effects: tuple[Effect, ...] = ()

    def __str__(self) -> str:
        p = f"p < {2 * self.p:.1g}" if self.p <= 0.0005 else f"p = {self.p:.2g}"
        said = f"{self.judge}: {self.word} ({p}, {self.ratio:.3g} × the noise floor; {self.reach_words})"
        wrong = "; ".join(effect.words for effect in self.effects) if self.word == "differs" else ""
        return f"{said}: {wrong}" if wrong else said

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Verdict:
        """What `to_dict` gave."""
        effects = tuple(Effect(**effect) for effect in values.get("effects", ()))
        return cls(**{**values, "effects": effects})
