"""Power spectrum of a daily series: how its variance is shared out among slow and fast changes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.series.panel import bridged
from simulacra.statistics.base import Axis

FLOOR = 1e-12
"""Of a series' mean power in a band: less than that is rounding."""
FAST = 7.0  # days: periods shorter than that lose power in the planted defect


@dataclass(frozen=True)
class SeriesSpectrum:
    r"""$\log_{10}$ of the power of each series, averaged over bands of frequency of equal ratio.

    About the mean and under a Hann window of mean square 1; gaps are bridged by straight lines, so sets are compared
    fairly only where their gaps are alike.

    Args:
        bands: how many, from one wave in half the series to the fastest, two days; fewer where they would be empty.
    """

    accepts: ClassVar[tuple[str, ...]] = ("series",)
    defect: ClassVar[str] = "{amount:.0%} less power at periods under a week"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    bands: int = 6

    def __post_init__(self) -> None:
        if self.bands < 1:
            raise BadInput("a spectrum has at least one band", f"bands={self.bands}", "take bands=6")

    def __call__(self, x: Samples) -> Float[np.ndarray, "n bands"]:
        """log10 of the power, (unit of the series)² · day."""
        values = bridged(x.array)
        days = values.shape[1]
        window = np.sqrt(2 / 3) * (1 - np.cos(2 * np.pi * (np.arange(days) + 0.5) / days))
        mean = (values * window).sum(axis=1, keepdims=True) / window.sum()
        power = np.abs(np.fft.rfft((values - mean) * window, axis=1)) ** 2 / days
        power = np.stack([power[:, at].mean(axis=1) for at in self._bands(days)], axis=1)
        floor = np.maximum(FLOOR * power.mean(axis=1, keepdims=True), np.finfo(np.float64).tiny)
        return np.asarray(np.log10(np.maximum(power, floor)))

    def axis(self, x: Samples) -> Axis:
        """The power over the mean frequency of each band."""
        days = x.array.shape[1]
        unit = "" if x.unit == "1" else f"({x.unit})² "
        at = tuple(float(np.arange(days // 2 + 1)[band].mean() / days) for band in self._bands(days))
        return Axis(f"log10 power, {unit}day", "frequency", "1/day", at, log=True)

    def perturb(self, x: Samples, amount: float) -> Samples:
        """The fraction `amount` of the power taken away at periods under a week; gaps stay."""
        values = bridged(x.array)
        days = values.shape[1]
        keep = np.where(np.arange(days // 2 + 1) > days / FAST, np.sqrt(1 - amount), 1.0)
        slower = np.fft.irfft(np.fft.rfft(values, axis=1) * keep, n=days, axis=1)
        return x.but(x=np.where(np.isfinite(x.array), slower, np.nan).astype(x.array.dtype))

    def _bands(self, days: int) -> list[slice]:
        top = days // 2 + 1
        edges = np.unique(np.geomspace(2, top, self.bands + 1).round().astype(int))
        if len(edges) < 2:
            raise BadInput("a spectrum needs a few days", f"{days} days", "give series of ten days or more")
        return [slice(int(a), int(b)) for a, b in pairwise(edges)]
