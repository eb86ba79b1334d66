"""How far daily series move within h days: what a forecast by repetition is off by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import fft

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array
from simulacra.domains.series.forecast import Forecast
from simulacra.domains.series.panel import Panel

PAIRS = 10  # a mean of squares over fewer is not believed


@dataclass(frozen=True, eq=False)
class Increments:
    r"""The structure function $D(h) = \langle (y_{t+h} - y_t)^2 \rangle$ of each series, and of all together.

    Args:
        name: of the S series that were learned from.
        square: D(h) of h = 0, 1 …, (S + 1, L), in squared units; the last row is of all of them.
        mean: of each series, and of all, (S + 1,).
        variance: likewise.
    """

    name: tuple[str, ...]
    square: Array
    mean: Array
    variance: Array

    def rows(self, name: tuple[str, ...]) -> Array:
        """Which row serves each of these series, (len(name),)."""
        known = {own: i for i, own in enumerate(self.name)}
        return np.array([known.get(one, len(self.name)) for one in name], dtype=int)

    def sd(self, row: Array, lag: Array) -> Array:
        """Root of D at these lags; beyond the longest that was learned, that of the largest or of independent days."""
        far = np.maximum(2 * self.variance, self.square.max(axis=1))
        inside = np.minimum(lag, self.square.shape[1] - 1)
        return np.asarray(np.sqrt(np.where(lag < self.square.shape[1], self.square[row, inside], far[row])))

    def repeated(self, panel: Panel, at: Array, behind: Array) -> Forecast:
        """Normal laws about an earlier value, as wide as series move in the time between.

        Args:
            panel: the series, with gaps; where nothing was measured on the day that is to be repeated, the last value
                before it is; where there is none, the mean of what was learned.
            at: origins, (N, 2).
            behind: for each of the next H days, how many days before the origin that day lies, (H,), 0 or more.

        Returns:
            N × H laws.
        """
        row = self.rows(panel.name)[at[:, 0]][:, None]
        source = at[:, 1, None] - behind
        found = np.where(source < 0, -1, last_known(panel.value)[at[:, 0, None], np.maximum(source, 0)])
        lag = at[:, 1, None] + np.arange(1, len(behind) + 1) - found
        blind = found < 0
        mean = np.where(blind, self.mean[row], panel.value[at[:, 0, None], np.maximum(found, 0)])
        sd = np.where(blind, np.sqrt(self.variance)[row], self.sd(row, lag))
        return Forecast.normal(mean, sd)


def increments_of(panel: Panel) -> Increments:
    """The increments of every series of a panel at every lag, gaps left out."""
    known = np.isfinite(panel.value)
    if not known.any():
        raise BadInput("nothing was measured in these series", repr(panel), "give series that hold numbers")
    days, many = len(panel.day), known.sum(axis=1)
    filled = np.where(known, panel.value, 0.0)
    overall = panel.value[known]
    mean = np.where(many > 0, filled.sum(axis=1) / np.maximum(many, 1), overall.mean())
    centered = np.where(known, panel.value - mean[:, None], 0.0)
    variance = np.where(many > 1, (centered**2).sum(axis=1) / np.maximum(many - 1, 1), overall.var())

    size = fft.next_fast_len(2 * days)
    there, values, squares = (fft.rfft(a, size, axis=1) for a in (known * 1.0, centered, centered**2))

    def lagged(power: Array) -> Array:
        return np.asarray(fft.irfft(power, size, axis=1)[:, :days])

    pairs = np.round(lagged(np.abs(there) ** 2))
    sums = lagged(squares.conj() * there + there.conj() * squares) - 2 * lagged(np.abs(values) ** 2)
    pairs = np.concatenate([pairs, pairs.sum(axis=0, keepdims=True)])
    sums = np.concatenate([sums, sums.sum(axis=0, keepdims=True)])
    mean, variance = np.append(mean, overall.mean()), np.append(variance, overall.var())
    floor = 1e-12 * variance[:, None] + 1e-24
    square = np.full_like(sums, np.nan)
    np.divide(sums, pairs, out=square, where=pairs >= PAIRS)
    far = (2 * variance)[:, None]
    square = np.where(np.isnan(square), far, np.maximum(square, floor))
    square[:, 0] = floor[:, 0]
    return Increments(panel.name, square, mean, variance)


def last_known(value: Array) -> Array:
    """The place of the last measured value at or before each day, (S, T); -1 where there is none."""
    places = np.where(np.isfinite(value), np.arange(value.shape[1]), -1)
    return np.asarray(np.maximum.accumulate(places, axis=1))
