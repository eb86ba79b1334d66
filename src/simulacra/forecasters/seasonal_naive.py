"""As on the same day a year ago."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array
from simulacra.domains.series.forecast import Forecast
from simulacra.domains.series.increments import Increments, increments_of
from simulacra.domains.series.panel import Panel


@dataclass(frozen=True)
class SeasonalNaive:
    """The value one period ago, with the spread by which the training series differ over that time.

    Where that day was not measured, the last one before it is taken; where there is none, as in a first year, the mean
    of what was learned.

    Args:
        period: days; 365 is a year, 7 a week.
    """

    period: int = 365

    def __post_init__(self) -> None:
        if self.period < 2:
            raise BadInput("a period has two days or more", f"period={self.period}", "as 365 for a year, 7 for a week")

    def fit(self, train: Panel, validation: Panel, seed: int = 0) -> FittedSeasonalNaive:
        """Learn the spread; nothing is chosen, so `validation` and `seed` play no part."""
        return FittedSeasonalNaive(self.period, increments_of(train))


@dataclass(frozen=True, eq=False)
class FittedSeasonalNaive:
    """Repeats the value of a period ago.

    Args:
        period: days.
        moves: how far the training series moved within h days.
    """

    period: int
    moves: Increments

    def forecast(self, panel: Panel, at: Array, horizon: int, rng: np.random.Generator) -> Forecast:
        """Normal laws about the value of a period ago (of several, beyond one), N × H; `rng` is not used."""
        ahead = np.arange(1, horizon + 1)
        return self.moves.repeated(panel, at, -ahead % self.period)

    def simulate(self, n: int, day: Array, rng: np.random.Generator) -> Array:
        """Refused: this law begins with a whole period that must be shown to it."""
        raise BadInput(
            "repeating last year cannot make series from nothing",
            f"{n} series of {len(day)} days",
            "simulate by climatology or autoregression",
        )


def example() -> SeasonalNaive:
    """A small one."""
    return SeasonalNaive()
