"""Weather that is remembered: a linear autoregression of the departures from the climate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array
from simulacra.domains.series.autoregressive import Autoregressive, fitted
from simulacra.domains.series.climate import Climate, climate_of
from simulacra.domains.series.forecast import Forecast
from simulacra.domains.series.panel import Panel


@dataclass(frozen=True)
class Autoregression:
    r"""AR(p) of the standardized anomalies $z = (y - m(t)) / s(t)$, with m and s the climate of each series.

    The coefficients are found by least squares over all series together; mean and variance of every horizon follow
    exactly, and gaps are dealt with exactly by a Kalman filter. A series that was not learned from is met by the
    common climate, with an autoregression of the departures from that.

    Args:
        order: days that are looked back on, p.
        harmonics: of the mean of the climate.
        variance_harmonics: of the logarithm of its variance.

    References:
        Time Series Analysis by State Space Methods (Durbin & Koopman, 2012),
        doi:10.1093/acprof:oso/9780199641178.001.0001
    """

    order: int = 7
    harmonics: int = 2
    variance_harmonics: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.order <= 60:
            raise BadInput("an autoregression looks back 1 to 60 days", f"order={self.order}", "take order=7")
        if min(self.harmonics, self.variance_harmonics) < 0 or max(self.harmonics, self.variance_harmonics) > 50:
            raise BadInput("a climate has between 0 and 50 harmonics", repr(self), "take harmonics=2")

    def fit(self, train: Panel, validation: Panel, seed: int = 0) -> FittedAutoregression:
        """Learn climate and coefficients; nothing is chosen, so `validation` and `seed` play no part."""
        climate = climate_of(train, self.harmonics, self.variance_harmonics)
        own = fitted(climate.anomalies(train), self.order)
        m, s = climate.at(np.full(len(train), len(train)), train.day)
        return FittedAutoregression(climate, own, fitted((train.value - m) / s, self.order))


@dataclass(frozen=True, eq=False)
class FittedAutoregression:
    """Knows the calendar and remembers some days.

    Args:
        climate: mean and spread of each day.
        own: the law of anomalies from a series' own climate.
        common: that of anomalies from the common climate, for series that were not learned from.
    """

    climate: Climate
    own: Autoregressive
    common: Autoregressive

    def forecast(self, panel: Panel, at: Array, horizon: int, rng: np.random.Generator) -> Forecast:
        """Exact normal laws given all that was measured up to each origin, N × H; `rng` is not used."""
        z = self.climate.anomalies(panel)
        learned = (self.climate.rows(panel.name) < len(self.climate.name))[at[:, 0]]
        mean, variance = np.empty((2, len(at), horizon))
        for law, here in ((self.own, learned), (self.common, ~learned)):
            if here.any():
                mean[here], variance[here] = law.forecast(law.filter(z, at[here]), horizon)
        m, s = self.climate.ahead(panel, at, horizon)
        return Forecast.normal(m + s * mean, s * np.sqrt(variance))

    def simulate(self, n: int, day: Array, rng: np.random.Generator) -> Array:
        """Stationary weather about the climate of some learned series, (n, T)."""
        m, s = self.climate.at(rng.integers(len(self.climate.name), size=n), day)
        return np.asarray(m + s * self.own.draw(n, len(day), rng))


def example() -> Autoregression:
    """A small one."""
    return Autoregression(order=3)
