"""All forecasters asked on the same days: those of validation, by which one is chosen, and those of truth."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from simulacra.core.chance import stream
from simulacra.core.progress import Progress
from simulacra.core.samples import Array
from simulacra.domains.series.outlook import Outlook
from simulacra.forecasters.base import Fitted
from simulacra.forecasting.backtest import Backtest
from simulacra.forecasting.holdout import Parts

FANS = 4  # forecasts that are shown in their whole course


@dataclass(frozen=True, eq=False)
class Asked:
    """What was asked, and what each forecaster said.

    Args:
        before: the days of validation.
        ahead: the days of truth.
        learned: laws of the former, by forecaster.
        stated: laws of the latter.
        fans: the whole course of a few forecasts, for a picture.
        shown: the origins of these few.
        best: the forecaster that did best on validation (CRPS, next day): "the model".
    """

    before: Backtest
    ahead: Backtest
    learned: Mapping[str, Outlook]
    stated: Mapping[str, Outlook]
    fans: Mapping[str, Mapping[str, Array]]
    shown: Array
    best: str

    @classmethod
    def all(
        cls,
        fitted: Mapping[str, Fitted],
        candidates: Collection[str],
        parts: Parts,
        horizons: tuple[int, ...],
        every: int,
        seed: int,
    ) -> Asked:
        """Every forecaster asked.

        Args:
            fitted: forecasters and baselines by name.
            candidates: those of them of which the best is the model.
            parts: the days.
            horizons: days ahead, ascending.
            every: days from one origin to the next, for all horizons but the first.
            seed: of what is simulated.
        """
        train, last = parts.train, int(parts.whole.day[-1])
        known = parts.whole.only(np.flatnonzero(parts.seen))
        judged = parts.whole.only(np.flatnonzero(parts.asked))
        own = parts.validation.day
        before = Backtest.of(known, train, int(own[0]), int(own[-1]), horizons[:1], every)
        ahead = Backtest.of(judged, train, parts.first, last, horizons, every)
        learned, stated, fans = {}, {}, {}
        shown = ahead.some(FANS)
        with Progress("forecasting", len(fitted) * (len(before.at) + len(ahead.at))) as progress:
            for place, (name, model) in enumerate(fitted.items()):
                rng = stream(seed, "forecast", place)
                learned[name] = before.ask(model, rng, progress)
                stated[name] = ahead.ask(model, rng, progress)
                fans[name] = ahead.fans(model, shown, rng)
        best = min(candidates, key=lambda name: float(np.nanmean(learned[name].crps)))
        return cls(before, ahead, learned, stated, fans, shown, best)

    def to_arrays(self, parts: Parts) -> dict[str, Array]:
        """Plain arrays for forecasts.npz: what came, what was said, and the past that the pictures show."""
        judged, occasions = parts.whole.only(np.flatnonzero(parts.asked)), self.ahead.occasions
        arrays: dict[str, Array] = {
            "names": np.array([self.best, *(name for name in self.stated if name != self.best)]),
            **occasions.to_arrays(),
            "history.value": judged.value,
            "history.day": judged.day,
            "fan.day": occasions.day[self.shown],
            "first": np.array(parts.first),
            "fan.series": occasions.series[self.shown],
        }
        for name, outlook in self.stated.items():
            arrays |= outlook.to_arrays(name)
            arrays |= {f"fan.{key}.{name}": np.asarray(v, dtype=np.float32) for key, v in self.fans[name].items()}
        return arrays
