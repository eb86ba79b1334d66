"""An epidemic made up: waves of daily new cases, fewer on Sundays, and a surge that nothing before foretells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.series.panel import Panel

FIRST = int(np.datetime64("2020-01-21", "D").astype(int))


@dataclass(frozen=True)
class Epidemic:
    """Daily new cases: a first wave of random height, time and width, then a plateau, then exponential growth.

    Counts scatter more than Poisson's law (negative binomial), and weekends report less.

    Args:
        days: how many, from 2020-01-21.
        height: mean cases a day at the peak of the first wave.
        surge: the first day of exponential growth, counted from the start; 0 for none.
        doubling: days in which the growth doubles the cases.
        weekend: share of cases that are reported on a Saturday or Sunday.
        scatter: variance beyond Poisson's, as a share of the squared mean.
    """

    kind: ClassVar[str] = "series"

    days: int = 163
    height: float = 1000.0
    surge: int = 138
    doubling: float = 7.0
    weekend: float = 0.75
    scatter: float = 0.02

    def __post_init__(self) -> None:
        if self.days < 60 or not 0 <= self.surge < self.days:
            raise BadInput(
                "an epidemic has 60 days or more, and its surge begins within them",
                f"days={self.days}, surge={self.surge}",
                "take days=163, surge=138; 0 for no surge",
            )
        for name in ("height", "doubling", "weekend", "scatter"):
            if not 0 < getattr(self, name) < np.inf:
                raise BadInput(f"{name} is positive", f"{name}={getattr(self, name)}", "give a number above 0")

    def panel(self, n: int, rng: np.random.Generator) -> Panel:
        """n regions on one calendar."""
        t = np.arange(self.days)
        height = self.height * np.exp(0.5 * rng.standard_normal((n, 1)))
        peak, width = rng.uniform(75, 95, (n, 1)), rng.uniform(14, 22, (n, 1))
        rise = np.exp(-0.5 * ((t - peak) / width) ** 2)
        wave = height * np.where(t < peak, rise, 0.35 + 0.65 * rise)
        if self.surge:
            wave = wave * 2.0 ** (np.maximum(0, t - self.surge) / self.doubling)
        weekday = (FIRST + t + 3) % 7  # 1970-01-01 was a Thursday: 0 is Monday
        mean = np.maximum(wave * np.where(weekday >= 5, self.weekend, 1.0), 1e-3)
        cases = rng.poisson(mean * rng.gamma(1 / self.scatter, self.scatter, mean.shape)).astype(float)
        return Panel(cases, FIRST + t, tuple(f"region {i}" for i in range(n)), "cases/day", repr(self))

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """n regions, (n, days)."""
        return self.panel(n, rng).to_samples()
