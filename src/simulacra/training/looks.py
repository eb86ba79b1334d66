"""A look at a model in training: its losses on validation, what its judges say, and whether it is the best so far."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from simulacra.models.base import Batch, Losses, Model, Noise, Turn
from simulacra.training.player import mean_parts
from simulacra.training.seeds import Purpose, key, seed_torch
from simulacra.training.session import Session

Look = Callable[[Model], Mapping[str, Any]]
"""Judges of a model in training, as the log takes it. Of these entries the training takes notice:

- "score": lower is better; the weights of the lowest are kept.
- "score noise": what chance alone does to that score; within it of the lowest, the fewest "told" decide.
- "told": who distinguishes the model from truth, a list.
- "reached": by judge, how much of the truth the "model" reaches and as many "true" samples do; it shows lost modes.
- "spread": of the model's features over the validation's; it shows a collapse.
- "copies": a mapping with "twins", "of", "expected", "p" and "told", or None; it shows copying.
"""


@dataclass
class Best:
    """The best look so far.

    Args:
        score: its score; None before there is one.
        step: where it was.
        rejecting: how many judges distinguished the model from truth.
        copying: whether it was seen to copy training samples.
        least: the lowest score of all looks that copied as little.
        noise: what chance alone does to that score.
        why: this state was kept, in words.
    """

    score: float | None = None
    step: int = 0
    rejecting: int = 0
    copying: bool = False
    least: float | None = None
    noise: float = 0.0
    why: str = ""

    @classmethod
    def of(cls, memo: Mapping[str, Any]) -> Best:
        """As a checkpoint keeps it; the first ones called those that reject "told"."""
        return cls(**{"rejecting" if name == "told" else name: value for name, value in memo.items()})

    def beaten_by(
        self, score: float | None, step: int, rejecting: int = 0, noise: float = 0.0, copying: bool = False
    ) -> bool:
        """Whether the weights of this look are to be kept: those of the lowest score.

        Within the noise of the lowest score, those that the fewest judges distinguish from truth are kept, and of as
        many those with the lower score. A state that copies never beats one that does not, whatever its score. Of
        equals the earlier stays; with no score, the last is the best; a score that is no number never beats one that
        is.
        """
        if score is None or not math.isfinite(score):
            better = score is None or self.score is None
            if better:
                self.step, self.why = step, "the last look: there is no score to choose by"
            return better
        if self.score is None or (self.copying and not copying):
            self._keep(score, step, rejecting, copying)
            self.least, self.noise = score, noise
            self.why = "the only state with a score" if len(self.why) == 0 else "the first that copies nothing"
            return True
        if copying and not self.copying:
            return False
        least = self.score if self.least is None else self.least  # a checkpoint made before there was one
        if score < least:
            least, self.noise = score, noise
        self.least = least
        level = least + self.noise
        if score > level or (self.score <= level and (rejecting, score) >= (self.rejecting, self.score)):
            return False
        fewer = score > least and rejecting < self.rejecting
        self._keep(score, step, rejecting, copying)
        self.why = (
            f"the fewest judges distinguish it ({rejecting}), within the noise of the lowest score ({least:.3g})"
            if fewer
            else "the lowest score so far"
        )
        return True

    def _keep(self, score: float, step: int, rejecting: int, copying: bool) -> None:
        self.score, self.step, self.rejecting, self.copying = score, step, rejecting, copying


def look_at(session: Session, validation: Batch, look: Look | None) -> dict[str, Any]:
    """What a look sees, as the log takes it."""
    losses = validate(session, validation)
    row: dict[str, Any] = {"step": session.step, "validation": losses}
    if look is not None:
        row["look"] = seen_by(session, look)
    return row


def seen_by(session: Session, look: Look) -> dict[str, Any]:
    """What a look or a glance says; its chance is its own."""
    seed_torch(key(Purpose.LOOK, session.seed, session.step), session.fabric.device)
    return dict(look(session.front))


def rejecting_in(seen: Mapping[str, Any]) -> str:
    """How many distinguish the model from truth, for the progress line; empty where nobody was asked.

    >>> rejecting_in({"p": {"energy": 0.001, "clusters": 0.4}, "told": ["energy"], "copies": None})
    '1 of 2 judges distinguished'
    """
    if "told" not in seen:
        return ""
    asked = len(seen.get("p", {})) + (seen.get("copies") is not None)
    return f"{len(seen['told'])} of {asked} judges distinguished"


def score_of(row: Mapping[str, Any], turns: int) -> float | None:
    """By what a look is compared: the judges' score; else, where one turn does all, its validation objective."""
    score = row.get("look", {}).get("score")
    if score is None and turns == 1:
        score = sum(row["validation"].values())
    return None if score is None else float(score)


def validate(session: Session, validation: Batch) -> dict[str, float]:
    """Mean of each part of each turn's loss over the validation samples, with the same noise at every look."""
    size = session.batches.size
    means: dict[str, float] = {}
    for i, turn in enumerate(session.front.turns()):
        for piece in range(math.ceil(len(validation) / size)):
            some = validation[slice(piece * size, (piece + 1) * size)]
            noise = Noise(key(Purpose.VALIDATION, session.seed, i, piece), 0, len(some))
            seed_torch(noise.key, session.fabric.device)
            losses = _losses(session, turn, replace(some, noise=noise))
            values = mean_parts(losses, turn.name).tolist()
            for name, value in zip(losses, values, strict=True):
                part = f"{turn.name}/{name}"
                means[part] = means.get(part, 0.0) + value * len(some) / len(validation)
    return means


def _losses(session: Session, turn: Turn, batch: Batch) -> dict[str, Tensor]:
    with session.fabric.autocast():
        try:
            with torch.no_grad():
                return turn.loss(batch)
        except (
            RuntimeError
        ):  # a loss with a gradient inside, such as a critic's penalty: an error of its own comes again
            with torch.enable_grad():
                losses: Losses = turn.loss(batch)
                return {name: value.detach() for name, value in losses.items()}
