"""Scores that cells only say the range of, drawn in turn given all the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from scipy.special import ndtr, ndtri

from simulacra.core.samples import Array
from simulacra.domains.tables.margins import Leveled, Margin, places
from simulacra.domains.tables.normal_gaps import Known, Normal, known

TINY = 1e-300


@dataclass(eq=False)
class Hidden:
    """The scores of a table's rows: fixed by their cells, within a range, or missing.

    Letters: n rows, q scores.

    Args:
        z: as they stand, (n, q); those in ranges and gaps change with each sweep.
        gaps: which are missing, (n, q).
        ranges: of scores by steps: place to the least and the largest of each row, NaN where missing.
        levels: of categories: places to the level of each row, NaN where missing.
    """

    z: Float[np.ndarray, "n q"]
    gaps: Bool[np.ndarray, "n q"]
    ranges: dict[int, tuple[Array, Array]]
    levels: dict[tuple[int, int], Array]

    @classmethod
    def of(cls, x: Float[np.ndarray, "n d"], margins: Sequence[Margin]) -> Hidden:
        """Each at its cell's score or in the middle of its range."""
        q = sum(margin.width for margin in margins)
        z = np.zeros((len(x), q))
        ranges: dict[int, tuple[Array, Array]] = {}
        levels: dict[tuple[int, int], Array] = {}
        for cells, margin, at in zip(x.T, margins, places(margins), strict=True):
            low, high = margin.limits(cells)
            if margin.exact:
                z[:, at.start] = low
            elif isinstance(margin, Leveled):
                levels[at.start, at.stop] = low
                z[:, at] = np.where(low[:, None] == np.arange(margin.width), 0.8, -0.4)
                z[np.isnan(low), at] = np.nan
            else:
                ranges[at.start] = (low, high)
                z[:, at.start] = ndtri((ndtr(low) + ndtr(high)) / 2)
        gaps = np.isnan(z)
        return cls(np.where(gaps, 0.0, z), gaps, ranges, levels)

    @property
    def exact(self) -> bool:
        """Whether no score is hidden in a range."""
        return not self.ranges and not self.levels

    def round(self, law: Normal, rng: np.random.Generator) -> Known:
        """Scores in ranges drawn one after another, then each row's gaps together; what is known of the gaps.

        Where all scores are exact, only the gaps are drawn.
        """
        if not self.exact:
            precision = np.linalg.inv(law.covariance)
            for place, (low, high) in self.ranges.items():
                self._move(place, low, high, law, precision, rng)
            for (start, stop), level in self.levels.items():
                for place in range(start, stop):
                    self._move(place, *self._beside(place, start, stop, level), law, precision, rng)
        found = known(self.z, self.gaps, law, rng)
        assert found.drawn is not None
        self.z = found.drawn
        return found

    def _beside(self, place: int, start: int, stop: int, level: Array) -> tuple[Array, Array]:
        """The range that the other scores of a category leave for one of them."""
        gone = np.isnan(level)
        own = np.where(gone, 0, level).astype(int)
        others = np.where(np.arange(start, stop) == place, -np.inf, self.z[:, start:stop]).max(axis=1)
        wins = own == place - start
        winner = self.z[np.arange(len(own)), start + own]
        low, high = np.where(wins, others, -np.inf), np.where(wins, np.inf, winner)
        return np.where(gone, np.nan, low), np.where(gone, np.nan, high)

    def _move(
        self, place: int, low: Array, high: Array, law: Normal, precision: Array, rng: np.random.Generator
    ) -> None:
        rows = ~np.isnan(low)
        apart = self.z[rows] - law.mean
        own = precision[place, place]
        mean = self.z[rows, place] - (apart @ precision[place]) / own
        self.z[rows, place] = within(mean, own**-0.5, low[rows], high[rows], rng)


def within(mean: Array, sd: float, low: Array, high: Array, rng: np.random.Generator) -> Array:
    """Draws of normal laws cut to ranges."""
    a, b = (low - mean) / sd, (high - mean) / sd
    flip = a > 0  # the lower tail keeps its digits
    a, b = np.where(flip, -b, a), np.where(flip, -a, b)
    below, above = ndtr(a), ndtr(b)
    z = ndtri(np.clip(below + rng.random(len(a)) * (above - below), TINY, 1 - 1e-16))
    z = np.clip(z, a, b)  # far out, where both chances are nothing, the nearer edge
    return np.asarray(mean + sd * np.where(flip, -z, z))
