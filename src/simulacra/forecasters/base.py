"""What a forecaster is: fitted on some series, it gives the law of the next days of any such series."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np

from simulacra.core.samples import Array
from simulacra.domains.series.forecast import Forecast
from simulacra.domains.series.panel import Panel


@runtime_checkable
class Fitted(Protocol):
    """A forecaster that has learned."""

    def forecast(self, panel: Panel, at: Array, horizon: int, rng: np.random.Generator) -> Forecast:
        """The laws of the days after each origin.

        Args:
            panel: series of the sort that was learned from, with gaps (NaN) allowed.
            at: the origins, (N, 2): place of the series, place of its last known day. What comes later in the panel
                is not looked at.
            horizon: days ahead, H.
            rng: for models that simulate paths.

        Returns:
            N × H laws.
        """
        ...

    def simulate(self, n: int, day: Array, rng: np.random.Generator) -> Array:
        """n whole series over these days (T,), drawn from nothing but what was learned, (n, T)."""
        ...


@runtime_checkable
class Forecaster(Protocol):
    """How to forecast; a frozen dataclass, its settings are its fields."""

    def fit(self, train: Panel, validation: Panel, seed: int = 0) -> Fitted:
        """Learn from `train`; stop and choose by `validation` (other days or other series)."""
        ...


def origins(panel: Panel, first: int, last: int, horizon: int = 1, every: int = 1) -> Array:
    """Origins (N, 2) whose days lie in `first` … `last` and whose next `horizon` days are in the panel.

    Days are numbers since 1970-01-01. All origins are taken, also where nothing was measured on the day itself or on
    the next ones: a score skips what has no truth.
    """
    inside = (panel.day >= first) & (panel.day <= last) & (panel.day <= panel.day[-1] - horizon)
    places = np.flatnonzero(inside)[::every]
    return np.stack([np.repeat(np.arange(len(panel)), len(places)), np.tile(places, len(panel))], axis=1)


def truth_at(panel: Panel, at: Array, horizon: int) -> Array:
    """What came after each origin, (N, H); NaN where nothing was measured."""
    ahead = at[:, 1, None] + np.arange(1, horizon + 1)
    return np.asarray(panel.value[at[:, 0, None], ahead])
