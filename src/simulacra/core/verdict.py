"""A verdict: differs, consistent or unsure, with its p, its ratio to the noise floor and its reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from simulacra.core.shown import html

Word = Literal["differs", "consistent", "no difference seen", "unsure"]
UNASKED: Word = "no difference seen"
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
            small as was asked for would have been), *no difference seen* (none was, and nobody said how small a one
            must be seen), *unsure* (none was seen, but the judge is too blunt to say).
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
        apart: how far apart both laws are, whatever the number of samples: 0 for one law, 1 for two that nowhere
            meet (the energy distance less its mean by chance, over twice the mean distance between the sides); None
            where the judge takes no such distance.
        apart_interval: its 95 % interval, from 0 to 1; None where it is not known.
        usable: how many samples may be used, as `comparison.usable` has it, with the amplification; None if unknown.
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
    apart: float | None = None
    apart_interval: tuple[float, float] | None = None
    usable: Mapping[str, Any] | None = None

    def __str__(self) -> str:
        p = f"p < {2 * self.p:.1g}" if self.p <= 0.0005 else f"p = {self.p:.2g}"
        apart = "" if self.apart is None else f", {100 * self.apart:.2g} % apart"
        if apart and self.apart_interval is not None:
            low, high = (100 * end for end in self.apart_interval)
            apart += f" ({low:.2g} to {high:.2g})"
        seen = f"{p}, {self.ratio:.3g} × the noise floor{apart}"
        parts = [self.reach_words, seen] if self.word == UNASKED else [seen, self.reach_words]
        said = f"{self.judge}: {self.word} ({'; '.join([*filter(None, parts), *self._worth()])})"
        wrong = "; ".join(effect.words for effect in self.effects) if self.word == "differs" else ""
        return f"{said}: {wrong}" if wrong else said

    def _worth(self) -> list[str]:
        """How many samples may be used, and what they are worth, where that is known."""
        known = self.usable or {}
        found = []
        if known.get("n_star") is not None:
            ends = [f"{known[end]:,}" if known.get(end) is not None else "?" for end in ("low", "high")]
            found.append(f"{known['n_star']:,} samples may be used ({ends[0]} to {ends[1]})")
        worth = known.get("amplification") or {}
        if worth.get("factor") is not None:
            found.append(f"worth {worth['factor']:.2g} training sets")
        return found

    def _repr_html_(self) -> str | None:
        return html("verdict", self)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Verdict:
        """What `to_dict` gave."""
        effects = tuple(Effect(**effect) for effect in values.get("effects", ()))
        ends = values.get("apart_interval")
        interval = None if ends is None else (float(ends[0]), float(ends[1]))
        return cls(**{**values, "effects": effects, "apart_interval": interval})
