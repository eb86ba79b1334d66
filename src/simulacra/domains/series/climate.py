r"""The climate of daily series: the mean and the spread of each day of the year, as smooth curves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array
from simulacra.domains.series.panel import YEAR, Panel, harmonics

FLOOR = 1e-6  # the least spread, as a share of that of the whole series


@dataclass(frozen=True, eq=False)
class Climate:
    r"""$y = m(t) + s(t)\,z$ with $m$ and $\log s^2$ a few harmonics of the year, learned for each series and for all.

    A series that was learned from is met by its own curves, known by its name; any other one by the last row, the
    curves of all values together.

    Args:
        name: of the S series that were learned from.
        mean: coefficients of m(t): the level, then cosines and sines, (S + 1, 1 + 2 order).
        log_variance: those of log s², (S + 1, 1 + 2 order).
    """

    name: tuple[str, ...]
    mean: Array
    log_variance: Array

    def rows(self, name: tuple[str, ...]) -> Array:
        """Which row serves each of these series, (len(name),)."""
        known = {own: i for i, own in enumerate(self.name)}
        return np.array([known.get(one, len(self.name)) for one in name], dtype=int)

    def at(self, row: Array, day: Array) -> tuple[Array, Array]:
        """m and s of these rows (R,) on these days (T,), both (R, T)."""
        m, log = (table[row] @ design(day, (table.shape[1] - 1) // 2).T for table in (self.mean, self.log_variance))
        return np.asarray(m), np.exp(0.5 * log)

    def ahead(self, panel: Panel, at: Array, horizon: int) -> tuple[Array, Array]:
        """m and s of the days after each origin (N, 2) of a panel, both (N, H)."""
        days = int(panel.day[0]) + np.arange(len(panel.day) + horizon)
        m, s = self.at(self.rows(panel.name), days)
        places = (at[:, 0, None], at[:, 1, None] + np.arange(1, horizon + 1))
        return m[places], s[places]

    def anomalies(self, panel: Panel) -> Array:
        """z of every value, (S, T); NaN where nothing was measured."""
        m, s = self.at(self.rows(panel.name), panel.day)
        return np.asarray((panel.value - m) / s)


def design(day: Array, order: int) -> Array:
    """A column of ones, and the harmonics, (T, 1 + 2 order)."""
    return np.concatenate([np.ones((len(day), 1)), harmonics(day, order)], axis=1)


def climate_of(panel: Panel, order: int = 2, variance_order: int = 1) -> Climate:
    """The climate of every series of a panel and of all of them together.

    Of a year that was not seen whole, no season is guessed: the order is lowered until the longest stretch of the
    calendar without a value is shorter than a quarter of the shortest period that is left.

    Args:
        panel: what was measured; NaN is left out.
        order: harmonics of the mean; 0 is a constant.
        variance_order: harmonics of the logarithm of the variance; 0 is a constant.
    """
    if not np.isfinite(panel.value).any():
        raise BadInput("nothing was measured in these series", repr(panel), "give series that hold numbers")
    wide = max(order, variance_order)
    columns = design(panel.day, wide)
    place = np.mod(panel.day, YEAR)
    means, logs = [], []
    curves = [*panel.value, None]
    overall = float(np.nanvar(panel.value))
    for values in curves:
        if values is None:
            known = np.isfinite(panel.value)
            x, y, when = columns[np.nonzero(known)[1]], panel.value[known], place[known.any(axis=0)]
        else:
            here = np.isfinite(values)
            x, y, when = columns[here], values[here], place[here]
        kept = resolved(when)
        m, v = min(order, kept), min(variance_order, kept)
        coefficient = np.zeros(1 + 2 * order)
        spread = np.zeros(1 + 2 * variance_order)
        if len(y) < 3:  # a series without values is met as any of the others would be
            coefficient[0] = np.nanmean(panel.value)
            spread[0] = np.log(max(overall, 1e-24))
        else:
            found = np.linalg.lstsq(x[:, _chosen(m, wide)], y, rcond=None)[0]
            residual = y - x[:, _chosen(m, wide)] @ found
            coefficient[_chosen(m, order)] = found
            unbiased = len(y) / max(len(y) - len(found), 1)
            floor = max(FLOOR**2 * y.var(), 1e-24)
            spread[_chosen(v, variance_order)] = _log_variance(
                x[:, _chosen(v, wide)], np.maximum(residual**2 * unbiased, floor)
            )
        means.append(coefficient)
        logs.append(spread)
    return Climate(panel.name, np.array(means), np.array(logs))


def _chosen(order: int, wide: int) -> list[int]:
    """Columns of the first `order` harmonics in a design of `wide` ones."""
    return [0, *range(1, 1 + order), *range(1 + wide, 1 + wide + order)]


def resolved(place: Array) -> int:
    """The highest harmonic that values at these places of the year, 0 … 365.2425 days, can tell."""
    if not len(place):
        return 0
    ordered = np.sort(place)
    hole = np.diff(ordered, append=ordered[0] + YEAR).max()
    return int(YEAR / (4 * hole))


def _log_variance(x: Array, square: Array) -> Array:
    r"""Coefficients b of largest likelihood of $\log s^2 = x b$, by Fisher's scoring."""
    b = np.zeros(x.shape[1])
    b[0] = np.log(square.mean())
    inverse = np.linalg.pinv(x.T @ x)
    for _ in range(50):
        step = inverse @ (x.T @ (square * np.exp(-x @ b) - 1))
        step *= min(1.0, 1.0 / max(np.abs(step).max(), 1e-300))  # no further than a factor e at once
        b = b + step
        if np.abs(step).max() < 1e-9:
            break
    return np.asarray(b)
