"""Last value carried forward: what the same patient had before, as trials long did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.domains.tables.filled import Filled
from simulacra.imputers.mean import ColumnMeans, Mean


@dataclass(frozen=True)
class LastValue:
    """The last known cell above in the same group (`--group patient`), else the next below, else the column's mean.

    Rows must stand in the order of time. It says nothing of uncertainty: all its draws are the guess. Where there are
    no groups of several rows it is the mean.

    References:
        The Prevention and Treatment of Missing Data in Clinical Trials (National Research Council, 2010),
        doi:10.17226/12955 (why not to use it)
    """

    carries: ClassVar[bool] = False

    def fit(self, x: Samples, seed: int = 0) -> FittedLastValue:
        """The means, for groups that never had a value."""
        return FittedLastValue(Mean().fit(x, seed))


@dataclass(frozen=True, eq=False)
class FittedLastValue:
    """What stands in where a group has no value at all."""

    means: ColumnMeans

    def impute(self, x: Samples, draws: int, rng: np.random.Generator) -> Filled:
        """Forward, then backward, within groups."""
        out = x.array.copy()
        _, owner = np.unique(x.group, return_inverse=True)
        order = np.argsort(owner, kind="stable")
        sorted_, who = out[order], owner[order]
        out[order] = _carried(_carried(sorted_, who)[::-1], who[::-1])[::-1]
        alone = len(np.unique(owner)) == len(x)
        said = ("no two rows share a group: every gap holds the mean of its column",) if alone else ()
        out = np.where(np.isnan(out), self.means.middle, out)
        return Filled.of(x, out, [out] * draws, False, said)


def _carried(x: Array, owner: Array) -> Array:
    """Each gap with the last value above it of the same owner; rows of one owner stand together."""
    place = np.where(np.isnan(x), -1, np.arange(len(x))[:, None])
    last = np.maximum.accumulate(place, axis=0)
    here = (last >= 0) & (owner[np.maximum(last, 0)] == owner[:, None])
    return np.asarray(np.where(here, np.take_along_axis(x, np.maximum(last, 0), axis=0), x))


def example() -> LastValue:
    """The smallest one."""
    return LastValue()
