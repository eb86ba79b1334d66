"""A forecaster's habits: how its errors ran while the world was still the one that it had learned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri
from scipy.stats import rankdata

from simulacra.core.samples import Array
from simulacra.domains.series.panel import harmonics

MEMORY = 3  # days
SEASONED = 300  # days of validation; with fewer, no season of the errors is guessed
EDGE = 1e-6


@dataclass(frozen=True, eq=False)
class Habits:
    """What is usual of the probabilities of a forecaster, learned on validation days.

    Their normal scores may have a mean and a spread that change with the season, may depend on those of the days
    before, and may have another law than the normal one. None of this is a change of the world.

    Args:
        mean: coefficients of the season of the mean: 1, cosine, sine, (3,); or (1,).
        log_spread: the same of the logarithm of the spread.
        memory: weights of the three days before, (3,).
        known: what is then left, in order, (n,).
    """

    mean: Array
    log_spread: Array
    memory: Array
    known: Array

    @classmethod
    def of(cls, u: Array, day: Array) -> Habits:
        """From probabilities on validation days.

        Args:
            u: by day and series, (T, S); NaN where nothing was measured.
            day: days since 1970-01-01, (T,).
        """
        z = scores(u)
        seen = np.isfinite(z)
        order = 1 if seen.any(axis=1).sum() >= SEASONED else 0
        rows = np.broadcast_to(_season(day, order)[:, None], (*z.shape, 1 + 2 * order))[seen]
        if len(rows) < 20:
            return cls(np.zeros(1), np.zeros(1), np.zeros(MEMORY), np.zeros(0))
        mean, *_ = np.linalg.lstsq(rows, z[seen], rcond=None)
        left = z[seen] - rows @ mean
        # the mean of log |N(0, 1)| is -0.635
        spread, *_ = np.linalg.lstsq(rows, np.log(np.abs(left) + 1e-3) + 0.635, rcond=None)
        half = cls(mean, spread, np.zeros(MEMORY), np.zeros(0))
        x = half._centered(z, day)
        past = _past(x)
        full = np.isfinite(x)
        memory, *_ = np.linalg.lstsq(past[full], x[full], rcond=None)
        own = x - past @ memory
        return cls(mean, spread, memory, np.sort(own[full]))

    def __call__(self, u: Array, day: Array) -> Array:
        """Normal scores of later days that are as independent standard normal ones if nothing has changed, (T, S)."""
        x = self._centered(scores(u), day)
        own = x - _past(x) @ self.memory
        n = len(self.known)
        if n == 0:
            return np.asarray(own)
        heights = rankdata(self.known) / (n + 1)
        rank = np.interp(np.nan_to_num(own), self.known, heights)
        half = 0.5 / (n + 1)  # nothing rarer than one in so many days is known
        return np.where(np.isfinite(own), ndtri(np.clip(rank, half, 1 - half)), np.nan)

    def _centered(self, z: Array, day: Array) -> Array:
        season = _season(day, (len(self.mean) - 1) // 2)
        return np.asarray((z - (season @ self.mean)[:, None]) / np.exp(season @ self.log_spread)[:, None])


def scores(u: Array) -> Array:
    """Normal scores of probabilities; NaN stays."""
    return np.asarray(ndtri(np.clip(u, EDGE, 1 - EDGE)))


def _season(day: Array, order: int) -> Array:
    return np.column_stack([np.ones(len(day)), harmonics(day, order)])


def _past(x: Array) -> Array:
    """The three days before each, (T, S, 3); 0 where nothing was measured."""
    before = np.concatenate([np.zeros((MEMORY, x.shape[1])), np.nan_to_num(x)])
    return np.stack([before[MEMORY - k : len(before) - k] for k in range(1, MEMORY + 1)], axis=-1)


def table(values: Array, place: Array, series: Array, days: int) -> Array:
    """N values by day and series, (days, S); NaN where there is none."""
    out = np.full((days, int(series.max()) + 1), np.nan)
    out[place, series] = values
    return out
