"""A cheap distance between samples and a fixed set, for choosing among the states of one model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulacra.comparison.energy import energy_distance
from simulacra.comparison.rows import Rows, spread
from simulacra.core.samples import Samples
from simulacra.judges import Judge, Strata, find_strata, rows_of

Array = NDArray[Any]


@dataclass(frozen=True)
class Score:
    """A cheap distance from a fixed set (validation), for choosing among the states of one model.

    The sum of energy distances of each judge over what two true sets of this size show by chance.
    """

    judges: Mapping[str, Judge]
    fixed: Samples
    rows: Mapping[str, tuple[Rows, Array, float]]
    strata: Strata
    by: tuple[str, ...]

    @classmethod
    def against(cls, judges: Mapping[str, Judge], fixed: Samples, other: Samples) -> Score:
        """The score against `fixed`; `other`, true as well, tells the noise floor."""
        strata, by = find_strata(other, fixed)
        rows = {}
        for name, judge in judges.items():
            a, b = (rows_of(judge.statistic, name, side, strata, by) for side in (other, fixed))
            scale = spread(b)
            rows[name] = (b, scale, max(energy_distance(a, b, scale), 1e-12))
        return cls(judges, fixed, rows, strata, by)

    def __call__(self, model: Samples) -> dict[str, float]:
        """The "score" (1 is the noise floor, lower is better), the "spread" (1 is truth's), and each judge's own."""
        own, spreads = {}, []
        for name, judge in self.judges.items():
            fixed, scale, floor = self.rows[name]
            rows = rows_of(judge.statistic, name, model, self.strata, self.by)
            own[name] = energy_distance(rows, fixed, scale) / floor
            spreads.append(_within(rows) / np.maximum(_within(fixed), 1e-12))
        return {"score": float(np.mean(list(own.values()))), "spread": float(np.median(np.concatenate(spreads))), **own}


def _within(rows: Rows) -> Array:
    """Standard deviation of each feature within strata."""
    parts = [rows.features[rows.stratum == s].std(axis=0) for s in np.unique(rows.stratum)]
    return np.asarray(np.mean(parts, axis=0))
