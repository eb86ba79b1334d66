"""What a forecaster said of the held-out days and how it turned out, in numbers that a run folder can keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from simulacra.core.samples import Array
from simulacra.domains.series.forecast import Forecast

LEVELS = (0.5, 0.8, 0.95)
"""The intervals whose coverage is given."""
QUANTILES = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
"""Their ends, and the median."""


@dataclass(frozen=True, eq=False)
class Occasions:
    """The held-out occasions, N origins by H horizons: the same for every forecaster.

    Args:
        series: place of the series of each origin, (N,).
        day: the last known day of each origin, (N,), whole numbers since 1970-01-01.
        horizon: days ahead, ascending, (H,).
        truth: what came, (N, H); NaN where nothing was measured.
        last: the value on the last known day, (N,); NaN where nothing was measured.
        around: the values 3 days before to 3 days after the day that the first horizon is for, (N, 7).
        usual: what is usual on those days, from training: the season's mean, (N, 7).
        name: of the series.
        unit: of the values.
    """

    series: Array
    day: Array
    horizon: Array
    truth: Array
    last: Array
    around: Array
    usual: Array
    name: Array
    unit: str = "1"

    @property
    def place(self) -> Array:
        """The place of each origin on a calendar that begins at the first, (N,)."""
        return np.asarray(self.day - self.day.min())

    @property
    def days(self) -> int:
        """How many days that calendar has."""
        return int(self.day.max() - self.day.min()) + 1

    def to_arrays(self) -> dict[str, Array]:
        """Plain arrays for forecasts.npz."""
        return {f"truth.{item.name}": np.asarray(getattr(self, item.name)) for item in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array]) -> Occasions:
        """What `to_arrays` gave."""
        found: dict[str, Any] = {item.name: arrays[f"truth.{item.name}"] for item in fields(cls)}
        return cls(**{**found, "unit": str(found["unit"])})


@dataclass(frozen=True, eq=False)
class Outlook:
    """The laws of one forecaster on N origins and H horizons, and their scores.

    Args:
        mean: (N, H).
        sd: (N, H).
        quantile: at QUANTILES, (7, N, H).
        pit: the probability that the law had given to less than what came, (N, H).
        crps: (N, H), in the unit of the series.
        log_density: of what came, (N, H), in nats.
    """

    mean: Array
    sd: Array
    quantile: Array
    pit: Array
    crps: Array
    log_density: Array

    @classmethod
    def of(cls, law: Forecast, truth: Array) -> Outlook:
        """The laws held against what came; NaN where nothing was measured, or no law was given."""
        with np.errstate(invalid="ignore"):
            return cls(
                law.mean, law.sd, law.quantile(QUANTILES), law.cdf(truth), law.crps(truth), law.log_density(truth)
            )

    @staticmethod
    def join(parts: list[Outlook], axis: int = 0) -> Outlook:
        """Further origins (axis 0) or horizons (axis 1) after one another."""
        return Outlook(
            *(
                np.concatenate([getattr(p, f.name) for p in parts], axis=axis + (f.name == "quantile"))
                for f in fields(Outlook)
            )
        )

    def spread(self, at: Array, n: int) -> Outlook:
        """The same among n origins, at these places; NaN at the others."""

        def wide(x: Array, axis: int) -> Array:
            out = np.full((*x.shape[:axis], n, *x.shape[axis + 1 :]), np.nan)
            out[(slice(None),) * axis + (at,)] = x
            return out

        return Outlook(*(wide(getattr(self, f.name), int(f.name == "quantile")) for f in fields(self)))

    def to_arrays(self, name: str) -> dict[str, Array]:
        """Plain arrays for forecasts.npz, in 32 bits."""
        return {f"{f.name}.{name}": np.asarray(getattr(self, f.name), dtype=np.float32) for f in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array], name: str) -> Outlook:
        """What `to_arrays` gave."""
        return cls(*(np.asarray(arrays[f"{f.name}.{name}"], dtype=float) for f in fields(cls)))
