"""Weather made up: seasons, a trend, memory, gaps and a change of regime, with the exact law of the days to come."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.domains.series.autoregressive import Autoregressive
from simulacra.domains.series.forecast import Forecast
from simulacra.domains.series.panel import YEAR, Panel

COLDEST = 15.0  # days after New Year


@dataclass(frozen=True)
class SeasonalSeries:
    r"""Daily series $y = m(t) + s(t)\,z_t$ with $z$ an AR(2) of unit variance, independent of one another.

    m is a cosine of the year with a trend, s is larger in winter than in summer. From the day `change` on the level is
    `jump` higher and the weather `louder` times as wide. Days are lost in runs, four long on average.

    Args:
        days: how many.
        start: the first day, as 1990-01-01.
        level: mean, °F.
        amplitude: of the season, °F.
        trend: °F per year.
        noise: standard deviation of the weather in the middle of the year's range, °F.
        winter: natural logarithm of how much wider the weather is in midwinter than in between.
        memory: correlation of one day's weather with the next.
        rebound: further weight of the day before that; 0 is an AR(1).
        gaps: share of days that are not measured, 0 to 0.8.
        change: first day of the new regime, counted from the start; 0 for none.
        jump: of the level at the change, °F.
        louder: factor of the weather's spread from the change on.
    """

    kind: ClassVar[str] = "series"

    days: int = 1461
    start: str = "1990-01-01"
    level: float = 50.0
    amplitude: float = 20.0
    trend: float = 0.0
    noise: float = 6.0
    winter: float = 0.3
    memory: float = 0.7
    rebound: float = -0.1
    gaps: float = 0.02
    change: int = 0
    jump: float = 0.0
    louder: float = 1.0

    def __post_init__(self) -> None:
        _must(self.days >= 2, "a series has two days or more", f"days={self.days}", "take days=1461")
        try:
            dated = bool(re.fullmatch(r"\d{4}-\d\d-\d\d", self.start)) and np.datetime64(self.start, "D") is not None
        except ValueError:
            dated = False
        _must(dated, "a series starts on a date", f"start={self.start!r}", "write it as 1990-01-01")
        numbers = (self.level, self.amplitude, self.trend, self.winter, self.jump)
        _must(bool(np.isfinite(numbers).all()), "settings are finite numbers", repr(self), "give each a number")
        for name, value in (("noise", self.noise), ("louder", self.louder)):
            _must(0 < value < np.inf, f"{name} is positive", f"{name}={value}", f"take {name}=1.0 or more")
        _must(
            abs(self.rebound) < 1 and abs(self.memory) < 1 and self._innovation > 0,
            "this weather has no stationary law",
            f"memory={self.memory}, rebound={self.rebound}",
            "take both between -1 and 1, as memory=0.7, rebound=-0.1",
        )
        _must(0 <= self.gaps <= 0.8, "gaps are a share of the days", f"gaps={self.gaps}", "take gaps between 0 and 0.8")
        _must(
            0 <= self.change < self.days,
            "the change of regime lies outside the series",
            f"change={self.change}, days={self.days}",
            "name one of its days, or 0 for none",
        )

    @property
    def weather(self) -> Autoregressive:
        """The law of z, of unit variance and with `memory` as the correlation of neighbors."""
        phi = np.array([self.memory * (1 - self.rebound), self.rebound])
        return Autoregressive(phi, float(np.sqrt(self._innovation)))

    @property
    def _innovation(self) -> float:
        return (1 - self.rebound**2) * (1 - self.memory**2)

    def curves(self, day: Array) -> tuple[Array, Array]:
        """m and s on these days since 1970-01-01, both (T,), °F."""
        since = np.asarray(day) - self._first
        season = np.cos(2 * np.pi * (np.asarray(day) - COLDEST) / YEAR)
        new = (since >= self.change) & (self.change > 0)
        m = self.level - self.amplitude * season + self.trend * since / YEAR + self.jump * new
        return m, self.noise * np.exp(self.winter * season) * np.where(new, self.louder, 1.0)

    @property
    def _first(self) -> int:
        return int(np.datetime64(self.start, "D").astype(int))

    def panel(self, n: int, rng: np.random.Generator) -> Panel:
        """n series on one calendar."""
        day = self._first + np.arange(self.days)
        m, s = self.curves(day)
        value = m + s * self.weather.draw(n, self.days, rng)
        value[_lost(n, self.days, self.gaps, rng)] = np.nan
        return Panel(value, day, tuple(f"station {i}" for i in range(n)), "°F", repr(self))

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """n series, (n, days), NaN where nothing was measured."""
        return self.panel(n, rng).to_samples()

    def law(self, panel: Panel, at: Array, horizon: int = 1) -> Forecast:
        """The exact laws of the days after origins (N, 2), given all measured before: nothing can forecast better.

        It knows every setting, the day of the change too.
        """
        days = int(panel.day[0]) + np.arange(len(panel.day) + horizon)
        m, s = self.curves(days)
        past = len(panel.day)
        weather = self.weather
        mean, variance = weather.forecast(weather.filter((panel.value - m[:past]) / s[:past], at), horizon)
        ahead = at[:, 1, None] + np.arange(1, horizon + 1)
        return Forecast.normal(m[ahead] + s[ahead] * mean, s[ahead] * np.sqrt(variance))


RUN = 4.0  # mean length of a gap, days


def _lost(n: int, days: int, share: float, rng: np.random.Generator) -> Array:
    """Which days are lost, (n, days): a chain of two states with this share and runs of this mean length."""
    stay, chance = 1 - 1 / RUN, rng.random((n, days))
    begin = min(share / (1 - share) / RUN, 1.0)
    lost = np.empty((n, days), dtype=bool)
    lost[:, 0] = chance[:, 0] < share
    for t in range(1, days):
        lost[:, t] = chance[:, t] < np.where(lost[:, t - 1], stay, begin)
    return lost


def _must(holds: bool, wrong: str, given: str, fix: str) -> None:
    if not holds:
        raise BadInput(wrong, given, fix)
