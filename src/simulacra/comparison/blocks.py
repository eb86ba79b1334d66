"""Block bootstrap: how far a mean over dependent days could have come out otherwise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from simulacra.core.samples import Array

FEWEST = 5  # blocks: with fewer, no spread between blocks could be seen
DRAWS = 999


@dataclass(frozen=True)
class Blocks:
    r"""Blocks of consecutive days, drawn with replacement around the circle of all days.

    The days are those of the calendar: all series of a day are drawn together, since they share its weather.

    The block's length follows a rule: $2 n^{1/3}$ days, or twice the horizon if that is more (errors of a forecast h
    days ahead depend on one another over h days), but no more than a fifth of all days.

    Args:
        days: n, how many days there are.
        length: of a block, days.

    References:
        A circular block-resampling procedure for stationary data (Politis & Romano, 1992), in Exploring the Limits of
        Bootstrap, ISBN 978-0471536314
        The jackknife and the bootstrap for general stationary observations (Künsch, 1989), doi:10.1214/aos/1176347265
    """

    days: int
    length: int

    @classmethod
    def by_rule(cls, days: int, horizon: int = 1) -> Blocks:
        """The blocks for forecasts so many days ahead."""
        wanted = max(int(np.ceil(2 * days ** (1 / 3))), 2 * horizon)
        return cls(days, max(1, min(wanted, days // FEWEST)))

    @property
    def count(self) -> float:
        """How many blocks the days hold: about so many independent pieces of evidence."""
        return self.days / self.length

    def weights(self, rng: np.random.Generator, draws: int = DRAWS) -> Array:
        """How often each day is in each draw, (draws, days); the rows sum to the number of days."""
        n, length = self.days, self.length
        starts = rng.integers(n, size=(draws, -(-n // length)))
        lengths = np.full(starts.shape, length)
        lengths[:, -1] = n - length * (starts.shape[1] - 1)  # the last block is cut, so that every draw is as long
        steps = np.zeros((draws, 2 * n + 1), dtype=np.int32)
        row = np.arange(draws)[:, None]
        np.add.at(steps, (row, starts), 1)
        np.add.at(steps, (row, starts + lengths), -1)
        held = steps.cumsum(axis=1)
        return np.asarray(held[:, :n] + held[:, n : 2 * n], dtype=np.float32)

    def error(self, draws: Array) -> Array:
        """The standard error of a number, from its values in the draws along the first axis.

        Blocks that are few vary less about their own mean than about the true one: m / (m - 1) makes up for it.
        """
        m = max(self.count, 2.0)
        known = np.isfinite(draws)
        n = np.maximum(known.sum(axis=0), 1)
        mean = np.where(known, draws, 0.0).sum(axis=0) / n
        spread = np.sqrt(np.where(known, (draws - mean) ** 2, 0.0).sum(axis=0) / n)
        return np.asarray(spread * np.sqrt(m / (m - 1)))

    def quantile(self, level: float) -> float:
        """How many standard errors an interval of this level reaches: Student's law, as blocks are few."""
        return float(stats.t.ppf(0.5 + level / 2, max(self.count - 1, 1.0)))

    def p(self, distance: Array | float) -> Array:
        """The two-sided p of a distance from the null in standard errors."""
        return np.asarray(2 * stats.t.sf(np.abs(distance), max(self.count - 1, 1.0)))


def daily(values: Array, day: Array, days: int) -> Array:
    """Sums of rows over their days, (N, k) → (days, k); a row with a value that is no number counts nowhere."""
    rows = values.reshape(len(values), -1)
    kept = np.isfinite(rows).all(axis=1)
    out = np.zeros((days, rows.shape[1]))
    np.add.at(out, day[kept], rows[kept])
    return out
