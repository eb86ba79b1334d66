"""Tomorrow will be as today: the forecast that costs nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulacra.core.samples import Array
from simulacra.domains.series.forecast import Forecast
from simulacra.domains.series.increments import Increments, increments_of
from simulacra.domains.series.panel import Panel


@dataclass(frozen=True)
class Persistence:
    """The last known value, with a spread that grows with its age as the training series moved in so many days.

    Where the last days were not measured, the value before the gap is repeated, with the spread of all the days since.
    The spread is that of the series itself where it was learned from, that of all series together otherwise.
    """

    def fit(self, train: Panel, validation: Panel, seed: int = 0) -> FittedPersistence:
        """Learn the spread; nothing is chosen, so `validation` and `seed` play no part."""
        return FittedPersistence(increments_of(train))


@dataclass(frozen=True, eq=False)
class FittedPersistence:
    """Repeats the last known value.

    Args:
        moves: how far the training series moved within h days.
    """

    moves: Increments

    def forecast(self, panel: Panel, at: Array, horizon: int, rng: np.random.Generator) -> Forecast:
        """Normal laws about the last known value, N × H; `rng` is not used."""
        return self.moves.repeated(panel, at, np.zeros(horizon, dtype=int))

    def simulate(self, n: int, day: Array, rng: np.random.Generator) -> Array:
        """Random walks, (n, T): what this forecast believes; each starts as a day of some learned series might be."""
        row = rng.integers(len(self.moves.name), size=n)
        steps = rng.standard_normal((n, len(day)))
        steps[:, 1:] *= self.moves.sd(row, np.ones(n, dtype=int))[:, None]
        steps[:, 0] = self.moves.mean[row] + np.sqrt(self.moves.variance[row]) * steps[:, 0]
        return np.asarray(np.cumsum(steps, axis=1))


def example() -> Persistence:
    """The only one."""
    return Persistence()
