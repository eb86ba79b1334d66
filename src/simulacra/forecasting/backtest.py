"""Forecasters asked on days that they have not seen: every origin in turn, with nothing after it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulacra.core.progress import Progress
from simulacra.core.samples import Array
from simulacra.domains.series.forecast import Forecast
from simulacra.domains.series.outlook import QUANTILES, Occasions, Outlook
from simulacra.domains.series.panel import YEAR, Panel, harmonics
from simulacra.forecasters.base import Fitted, origins
from simulacra.forecasting.holdout import padded
from simulacra.skill.lag import LAGS

AT_ONCE = 60_000  # values at a time: a hundred paths of them are 48 MB


@dataclass(frozen=True, eq=False)
class Backtest:
    """What forecasters are asked.

    Args:
        panel: the series that are judged, with empty days after their end.
        at: the origins, (N, 2).
        occasions: the same with what came.
        far: of each origin, whether it is asked for more than the first horizon, (N,).
    """

    panel: Panel
    at: Array
    occasions: Occasions
    far: Array

    @classmethod
    def of(cls, panel: Panel, train: Panel, first: int, last: int, horizons: tuple[int, ...], every: int) -> Backtest:
        """All origins whose next day lies in `first` … `last`.

        Args:
            panel: the series that are judged.
            train: what was learned from, for what is usual.
            first: first day of truth.
            last: last day of truth; what came later is not held against anybody.
            horizons: days ahead, ascending.
            every: days from one origin to the next, for all horizons but the first, which is asked for every day.
        """
        whole = padded(panel.between(int(panel.day[0]), last), _beyond(horizons[-1]))
        at = origins(whole, first - 1, last - 1)
        series, place = at[:, 0], at[:, 1]
        ahead = place[:, None] + np.array(horizons)
        around = place[:, None] + horizons[0] + LAGS
        usual = _usual(train, whole.day)
        far = (place - place.min()) % every == 0
        truth = whole.value[series[:, None], ahead]
        truth[~far, 1:] = np.nan  # not asked, not judged
        kept = np.clip(around, 0, len(whole.day) - 1)
        occasions = Occasions(
            series=series,
            day=whole.day[place],
            horizon=np.array(horizons),
            truth=truth,
            last=whole.value[series, place],
            around=np.where(around == kept, whole.value[series[:, None], kept], np.nan),
            usual=usual[kept],
            name=np.array(whole.name),
            unit=whole.unit,
        )
        return cls(whole, at, occasions, far)

    def ask(self, fitted: Fitted, rng: np.random.Generator, progress: Progress | None = None) -> Outlook:
        """One forecaster's laws at all origins."""
        horizons, truth = self.occasions.horizon, self.occasions.truth
        # many give the next day's law exactly, and later ones by simulation: it is asked for alone, and at every origin
        everywhere = np.arange(len(self.at))
        parts = [self._ask(fitted, everywhere, horizons[:1], truth[:, :1], rng, progress)]
        if len(horizons) > 1:
            some = np.flatnonzero(self.far)
            parts.append(
                self._ask(fitted, some, horizons[1:], truth[some, 1:], rng, progress).spread(some, len(self.at))
            )
        return Outlook.join(parts, axis=1)

    def _ask(
        self, fitted: Fitted, some: Array, horizons: Array, truth: Array, rng: np.random.Generator,
        progress: Progress | None,
    ) -> Outlook:  # fmt: skip
        size, parts = max(1, AT_ONCE // int(horizons[-1])), []
        for start in range(0, len(some), size):
            at = self.at[some[start : start + size]]
            law = fitted.forecast(self.panel, at, int(horizons[-1]), rng)
            asked = Forecast(law.mu[:, horizons - 1], law.sigma[:, horizons - 1])
            parts.append(Outlook.of(asked, truth[start : start + size]))
            if progress is not None:
                progress.step(len(at))
        return Outlook.join(parts)

    def fans(self, fitted: Fitted, at: Array, rng: np.random.Generator) -> dict[str, Array]:
        """The whole course of a few forecasts, for a picture: quantiles (7, F, H) and mean (F, H)."""
        law = fitted.forecast(self.panel, self.at[at], int(self.occasions.horizon[-1]), rng)
        return {"quantile": law.quantile(QUANTILES), "mean": law.mean}

    def some(self, n: int) -> Array:
        """A few origins spread over the year, of the first series."""
        own = np.flatnonzero(self.at[:, 0] == self.at[0, 0])
        longest = int(self.occasions.horizon[-1])
        whole = own[self.at[own, 1] + longest < len(self.panel.day) - _beyond(longest)]
        own = whole if len(whole) >= n else own
        return np.asarray(own[np.linspace(0, len(own) - 1, n + 2).round().astype(int)[1:-1]])


def _beyond(horizon: int) -> int:
    """Empty days after the end: for the longest horizon, and for the days around the first."""
    return horizon + 3


def _usual(train: Panel, day: Array) -> Array:
    """The season's mean over all series, (T,); the plain mean where less than two years were learned from."""
    known = np.isfinite(train.value).any(axis=0)
    mean = np.nanmean(train.value[:, known], axis=0)
    if known.sum() < 2 * YEAR:
        return np.full(len(day), mean.mean())
    base = np.column_stack([np.ones(int(known.sum())), harmonics(train.day[known], 2)])
    weights, *_ = np.linalg.lstsq(base, mean, rcond=None)
    return np.asarray(np.column_stack([np.ones(len(day)), harmonics(day, 2)]) @ weights)
