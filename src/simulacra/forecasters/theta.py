"""Theta: a smoothed level that goes on with half of the past's trend."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from simulacra.core.errors import BadInput, extra
from simulacra.core.progress import Progress
from simulacra.core.samples import Array
from simulacra.domains.series.climate import Climate, climate_of
from simulacra.domains.series.forecast import Forecast
from simulacra.domains.series.panel import Panel

LEAST = 1e-3  # weight of a new value; below, the level would not move within years


@dataclass(frozen=True)
class Theta:
    r"""Exponential smoothing of the anomalies from the climate, with half of their linear trend.

    Smoothing weight $\alpha$ and trend are found once for each training series by statsmodels' `ThetaModel` (gaps
    filled by straight lines for this alone), since to fit anew at every origin would take hours. At the origins the
    level is then filtered: as simple exponential smoothing, which is the steady state of a random walk seen with
    noise; across gaps as that law demands. The variance h days ahead is $\sigma^2 (1 + (h - 1)\,\alpha^2)$, as follows
    from that law; the intervals of statsmodels have another one, $1 + (h - 1)(1 + (\alpha - 1)^2)$.

    Args:
        order: harmonics of the climate that is taken off before and added after.

    References:
        The theta model: a decomposition approach to forecasting (Assimakopoulos & Nikolopoulos, 2000),
        doi:10.1016/S0169-2070(00)00066-2
        Unmasking the Theta method (Hyndman & Billah, 2003), doi:10.1016/S0169-2070(01)00143-1
    """

    order: int = 2

    def __post_init__(self) -> None:
        if not 0 <= self.order <= 50:
            raise BadInput("a climate has between 0 and 50 harmonics", f"order={self.order}", "take order=2")

    def fit(self, train: Panel, validation: Panel, seed: int = 0) -> FittedTheta:
        """Learn climate, weight and trend; nothing is chosen, so `validation` and `seed` play no part."""
        climate = climate_of(train, self.order, 0)
        anomalies = train.value - climate.at(climate.rows(train.name), train.day)[0]
        found = np.tile([1.0, 0.0], (len(train) + 1, 1))
        known = np.isfinite(anomalies).sum(axis=1)
        with Progress("theta", total=len(train)) as progress:
            for i in np.flatnonzero(known >= 10):
                found[i] = _parameters(anomalies[i])
                progress.step(note=train.name[i])
        found[-1] = found[:-1][known >= 10].mean(axis=0) if (known >= 10).any() else found[-1]
        fitted = FittedTheta(climate, found[:, 0], found[:, 1], np.ones(len(found)))
        wide = np.append(fitted.errors(anomalies), 0.0)
        shares = np.maximum(known - 1, 0)
        wide[-1] = np.sqrt((wide[:-1] ** 2 * shares).sum() / max(shares.sum(), 1))
        wide = np.where(np.append(known, 99) >= 10, wide, wide[-1])
        return FittedTheta(climate, found[:, 0], found[:, 1], np.maximum(wide, 1e-12))


@dataclass(frozen=True, eq=False)
class FittedTheta:
    """Smooths and goes on.

    Args:
        climate: mean of each day.
        alpha: weight of a new value, (S + 1,); the last is for series that were not learned from.
        slope: of the linear trend, per day, (S + 1,).
        sigma: of the error of the next day, (S + 1,).
    """

    climate: Climate
    alpha: Array
    slope: Array
    sigma: Array

    def forecast(self, panel: Panel, at: Array, horizon: int, rng: np.random.Generator) -> Forecast:
        """Normal laws, N × H; `rng` is not used."""
        row = self.climate.rows(panel.name)
        last = int(at[:, 1].max()) + 1
        anomalies = panel.value[:, :last] - self.climate.at(row, panel.day[:last])[0]
        level, unsure, age, _ = self._filter(anomalies, row)
        place, alpha = (at[:, 0], at[:, 1]), self.alpha[row][at[:, 0], None]
        ahead = np.arange(1, horizon + 1)
        began = np.where(age[place] > 0, self._trend(alpha[:, 0], age[place]), 0.0)[:, None]
        drift = 0.5 * self.slope[row][at[:, 0], None] * (began + np.where(began > 0, ahead - 1, 0))
        mean = self.climate.ahead(panel, at, horizon)[0] + level[place][:, None] + drift
        variance = unsure[place][:, None] + ahead * alpha**2 + 1 - alpha  # in units of that of the next day
        return Forecast.normal(mean, self.sigma[row][at[:, 0], None] * np.sqrt(variance))

    def simulate(self, n: int, day: Array, rng: np.random.Generator) -> Array:
        """Refused: a level that is smoothed must be given values to be smoothed."""
        raise BadInput(
            "Theta goes on from a past; it cannot make series from nothing",
            f"{n} series of {len(day)} days",
            "simulate by climatology or autoregression",
        )

    def errors(self, anomalies: Array) -> Array:
        """Root mean square of the next day's error of each learned series, (S,)."""
        return self._filter(anomalies, np.arange(len(anomalies)))[3]

    def _filter(self, z: Array, row: Array) -> tuple[Array, Array, Array, Array]:
        """Level, its variance (that of the next day's error is 1) and days since the first value, (S, T); errors, (S,).

        Before the first value the level is that of the climate, with the variance of a fresh one.
        """
        count, days = z.shape
        alpha, slope = self.alpha[row], self.slope[row]
        level, age = np.zeros(count), np.zeros(count, dtype=int)
        steady = alpha * (1 - alpha)
        unsure = steady.copy()
        levels, variances, ages = np.zeros_like(z), np.zeros_like(z), np.zeros(z.shape, dtype=int)
        squares, seen = np.zeros(count), np.zeros(count)
        for t in range(days):
            y, known = np.where(np.isfinite(z[:, t]), z[:, t], 0.0), np.isfinite(z[:, t])
            first, later = known & (age == 0), known & (age > 0)
            predicted = unsure + np.where(age > 0, alpha**2, 0.0)
            total = np.where(age > 0, predicted + 1 - alpha, 1.0)  # it may be 0 before the first value
            error = y - level
            biased = error - 0.5 * slope * self._trend(alpha, age)
            squares += np.where(later, biased**2 / total, 0.0)
            seen += later
            gain = np.where(later, predicted / total, 0.0)
            level = np.where(first, y, level + gain * error)
            unsure = np.where(first, steady, predicted * (1 - gain))
            age += (age > 0) | first
            levels[:, t], variances[:, t], ages[:, t] = level, unsure, age
        return levels, variances, ages, np.sqrt(squares / np.maximum(seen, 1))

    @staticmethod
    def _trend(alpha: Array, age: Array) -> Array:
        """How many days the level lags behind the trend line after so many."""
        return np.asarray((1 - (1 - alpha) ** age) / alpha)


def _parameters(z: Array) -> tuple[float, float]:
    """Weight and trend of one series, by statsmodels."""
    with extra("series"):
        from statsmodels.tools.sm_exceptions import ConvergenceWarning
        from statsmodels.tsa.forecasting.theta import ThetaModel
    places = np.flatnonzero(np.isfinite(z))
    whole = np.interp(np.arange(places[0], places[-1] + 1), places, z[places])
    if np.ptp(whole) <= 1e-12 * max(1.0, np.abs(whole).max()):
        return 1.0, 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the best weight found is used, at the border too
        found = ThetaModel(whole, deseasonalize=False).fit().params
    return float(np.clip(found["alpha"], LEAST, 1.0)), float(found["b0"])


def example() -> Theta:
    """A small one."""
    return Theta()
