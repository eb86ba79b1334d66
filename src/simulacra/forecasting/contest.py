"""Which of some forecasters does best on held-out days, and whether any is better than "same as yesterday"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simulacra.comparison.blocks import Blocks
from simulacra.core.chance import stream
from simulacra.core.progress import Progress
from simulacra.core.samples import Array
from simulacra.domains.series.panel import YEAR, Panel
from simulacra.forecasters.autoregression import Autoregression
from simulacra.forecasters.base import Fitted, Forecaster, origins, truth_at
from simulacra.forecasters.climatology import Climatology
from simulacra.forecasters.persistence import Persistence
from simulacra.forecasters.seasonal_naive import SeasonalNaive
from simulacra.forecasters.theta import Theta
from simulacra.skill.scores import LEVEL, say

YESTERDAY = "persistence"
SHORTEST = 60  # days below which nothing is held out
LAWS = 1_000_000  # that each forecaster is asked for at most, over all origins and days ahead
CHOOSE_NOTHING = (Autoregression, Climatology, Persistence, SeasonalNaive, Theta)
"""Those that need no days to choose or to stop by: they learn from all that there are."""


@dataclass(frozen=True)
class Score:
    """How one forecaster did on the held-out days.

    Args:
        name: of the forecaster.
        crps: mean over series, origins and days ahead, each series in units of its persistence's.
        error: mean absolute error of the next day, in the unit of the series.
        skill: 1 - crps over that of persistence.
        low: lower end of its 95 % interval, by a bootstrap of blocks of days.
        high: upper end.
    """

    name: str
    crps: float
    error: float
    skill: float
    low: float
    high: float


@dataclass(frozen=True)
class Contest:
    """What came out; the best first.

    Args:
        scores: of all that took part, by ascending CRPS.
        first: first held-out day, since 1970-01-01.
        days: how many were held out.
        horizon: days ahead over which was averaged.
    """

    scores: tuple[Score, ...]
    first: int
    days: int
    horizon: int

    @property
    def best(self) -> Score:
        """The one with the smallest CRPS."""
        return self.scores[0]

    def words(self, name: str) -> str:
        """One forecaster's result in a sentence; the bad news first."""
        score = next(one for one in self.scores if one.name == name)
        on = f"over the next {self.horizon} days, on {self.days} held-out days from {np.datetime64(self.first, 'D')}"
        if name == YESTERDAY:
            others = [one.name for one in self.scores if one.name != YESTERDAY]
            beaten = f"; no better: {', '.join(others)}" if others else ""
            return f"No better than yesterday: the last value is repeated {on}{beaten}."
        span = f"{100 * score.skill:.0f} % ({100 * score.low:.0f} to {100 * score.high:.0f} %)"
        if say(score.low, score.high) == "better":
            return f"{name} is better than persistence by {span} of its CRPS {on}."
        if say(score.low, score.high) == "no better":
            return f"No better than yesterday: do not use. {name} has a skill of {span} against persistence {on}."
        return f"Not shown to be better than yesterday: {name} has a skill of {span} against persistence {on}."


def learned(method: Forecaster, panel: Panel, seed: int) -> Fitted:
    """The method, having learned from a panel; one that must choose does so on the last fifth of its days."""
    if isinstance(method, CHOOSE_NOTHING):
        return method.fit(panel, panel, seed)
    first = int(panel.day[0]) + len(panel.day) - len(panel.day) // 5
    return method.fit(panel.between(int(panel.day[0]), first - 1), panel.between(first, int(panel.day[-1])), seed)


def compete(methods: Mapping[str, Forecaster], panel: Panel, horizon: int, seed: int = 0) -> Contest | None:
    """Fit all on the first days and let them forecast the others; None if there are too few days for that.

    Held out is the last year of three or more, else the last fifth. Origins are thinned where there are very many. The
    smallest of several scores is a little too good to be true: the interval does not know of the choice.

    Args:
        methods: by name; persistence takes part in any case.
        panel: the series.
        horizon: days ahead.
        seed: of the fits and of the bootstrap.
    """
    days = len(panel.day)
    held = round(YEAR) if days >= 3 * YEAR else days // 5
    first = int(panel.day[0]) + days - held
    if days < SHORTEST or held <= horizon:
        return None
    every = max(1, int(np.ceil(len(panel) * held * horizon / LAWS)))
    at = origins(panel, first - 1, int(panel.day[-1]), horizon, every)
    truth = truth_at(panel, at, horizon)
    train = panel.between(int(panel.day[0]), first - 1)
    if not np.isfinite(truth).any() or not np.isfinite(train.value).any():
        return None
    everyone = {YESTERDAY: Persistence(), **methods}
    losses, errors = {}, {}
    with Progress("comparing forecasters", total=len(everyone)) as progress:
        for name, method in everyone.items():
            law = learned(method, train, seed).forecast(panel, at, horizon, stream(seed, "contest"))
            losses[name] = law.crps(truth)
            errors[name] = float(np.nanmean(np.abs(law.quantile(0.5) - truth)[:, 0]))
            progress.step(note=name)
    return Contest(_scores(losses, errors, at, len(panel), horizon, seed), first, held, horizon)


def _scores(
    losses: Mapping[str, Array], errors: Mapping[str, float], at: Array, series: int, horizon: int, seed: int
) -> tuple[Score, ...]:
    known = np.isfinite(losses[YESTERDAY])
    own = np.bincount(at[:, 0], np.where(known, losses[YESTERDAY], 0).sum(axis=1), series)
    many = np.bincount(at[:, 0], known.sum(axis=1), series)
    scale = np.where(own > 0, own / np.maximum(many, 1), 1.0)[at[:, 0], None]  # each series counts alike
    if (own > 0).any():  # one that never changes has no scale: it takes no part
        known &= (own > 0)[at[:, 0], None]
    place = at[:, 1] - at[:, 1].min()
    length = int(place.max()) + 1
    sums = {
        name: np.bincount(place, np.where(known, loss / scale, 0).sum(axis=1), length) for name, loss in losses.items()
    }
    blocks = Blocks.by_rule(length, horizon)
    weights = blocks.weights(stream(seed, "contest, intervals"))
    base, total = sums[YESTERDAY], int(known.sum())
    found = []
    for name, each in sums.items():
        ratio = max(each.sum(), 1e-300) / max(base.sum(), 1e-300)
        drawn = np.log(np.maximum(weights @ each, 1e-300) / np.maximum(weights @ base, 1e-300))
        half = 0.0 if name == YESTERDAY else blocks.quantile(LEVEL) * float(blocks.error(drawn))
        low, high = 1 - ratio * np.exp(half), 1 - ratio * np.exp(-half)
        found.append(Score(name, each.sum() / total, errors[name], 1 - ratio, float(low), float(high)))
    return tuple(sorted(found, key=lambda score: score.crps))
