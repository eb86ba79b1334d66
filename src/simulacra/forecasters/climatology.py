"""As this day of the year usually is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array
from simulacra.domains.series.climate import Climate, climate_of
from simulacra.domains.series.forecast import Forecast
from simulacra.domains.series.panel import Panel


@dataclass(frozen=True)
class Climatology:
    """The mean of the day of the year and its spread, both as a few harmonics; today's weather is not looked at.

    A series that was learned from is met by its own climate; any other one by that of all together. A season is only
    learned from a year that was seen whole (see `domains/climate.py`).

    Args:
        order: harmonics of the mean.
        variance_order: harmonics of the logarithm of the variance; 0 is the same spread on all days.
    """

    order: int = 2
    variance_order: int = 1

    def __post_init__(self) -> None:
        if min(self.order, self.variance_order) < 0 or max(self.order, self.variance_order) > 50:
            raise BadInput("a climate has between 0 and 50 harmonics", repr(self), "take order=2, variance_order=1")

    def fit(self, train: Panel, validation: Panel, seed: int = 0) -> FittedClimatology:
        """Learn the curves; nothing is chosen, so `validation` and `seed` play no part."""
        return FittedClimatology(climate_of(train, self.order, self.variance_order))


@dataclass(frozen=True, eq=False)
class FittedClimatology:
    """Knows the calendar alone.

    Args:
        climate: mean and spread of each day.
    """

    climate: Climate

    def forecast(self, panel: Panel, at: Array, horizon: int, rng: np.random.Generator) -> Forecast:
        """Normal laws of the days of the year, N × H; `rng` is not used."""
        return Forecast.normal(*self.climate.ahead(panel, at, horizon))

    def simulate(self, n: int, day: Array, rng: np.random.Generator) -> Array:
        """Independent days about the climate of some learned series, (n, T)."""
        m, s = self.climate.at(rng.integers(len(self.climate.name), size=n), day)
        return np.asarray(m + s * rng.standard_normal(m.shape))


def example() -> Climatology:
    """A small one."""
    return Climatology()
