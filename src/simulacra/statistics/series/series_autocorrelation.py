"""Autocorrelation of a daily series: how alike two days are that lie so many days apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.series.panel import measured
from simulacra.statistics.base import Axis

LAGS = (1, 2, 3, 5, 7, 14)


@dataclass(frozen=True)
class SeriesAutocorrelation:
    """The correlation of each series with itself 1 to 14 days later, over the pairs of days that were measured.

    Of short series only the lags up to a quarter of their days.
    """

    accepts: ClassVar[tuple[str, ...]] = ("series",)
    defect: ClassVar[str] = "{amount:.0%} of the variance without memory"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n lags"]:
        """The correlations, -1 to 1; 0 of a series that does not vary."""
        values = measured(x.array)
        z = values - np.nanmean(values, axis=1, keepdims=True)
        variance = np.maximum(np.nanmean(z**2, axis=1), np.finfo(np.float64).tiny)
        found = []
        for lag in self._lags(x):
            pairs = z[:, lag:] * z[:, :-lag]
            known = np.isfinite(pairs)
            found.append(np.where(known, pairs, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1) / variance)
        return np.stack(found, axis=1)

    def axis(self, x: Samples) -> Axis:
        """Correlation over the days between."""
        return Axis("autocorrelation", "lag", "day", tuple(float(lag) for lag in self._lags(x)))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """The fraction `amount` of each series' variance replaced by noise, the same noise every time."""
        middle = np.nanmean(measured(x.array), axis=1, keepdims=True)
        sd = np.nanstd(x.array, axis=1, keepdims=True)
        noise = np.random.default_rng(7).standard_normal(x.array.shape)
        mixed = middle + np.sqrt(1 - amount) * (x.array - middle) + np.sqrt(amount) * sd * noise
        return x.but(x=mixed.astype(x.array.dtype))

    def _lags(self, x: Samples) -> tuple[int, ...]:
        days = x.array.shape[1]
        lags = tuple(lag for lag in LAGS if lag <= days // 4)
        if not lags:
            raise BadInput("an autocorrelation needs a few days", f"{days} days", "give series of ten days or more")
        return lags
