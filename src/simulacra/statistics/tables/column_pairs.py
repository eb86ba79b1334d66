"""Pairs of columns: how two of a record's cells go together, for every two columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.tables.expanded import columns_of, expanded, names
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class ColumnPairs:
    """Of each record and each two of its numbers the signed root of |x y|, where x and y are less the column's middle.

    It is positive where both lie on the same side; the root keeps few far records from outweighing the rest. Levels of
    categories are marks less a half.

    Args:
        most: pairs that are looked at, evenly spaced among all.
    """

    accepts: ClassVar[tuple[str, ...]] = ("table",)
    defect: ClassVar[str] = "cells of {amount:.0%} of the records dealt out anew in every second column"
    amounts: ClassVar[tuple[float, ...]] = (0.02, 0.04, 0.08, 0.16, 0.32, 0.64)
    most: int = 300

    def __call__(self, x: Samples) -> Float[np.ndarray, "n features"]:
        """The roots; an error for a table of one number."""
        a, b = self._pairs(x)
        z = expanded(x) - _middles(x)
        both = z[:, a] * z[:, b]
        return np.asarray(np.sign(both) * np.sqrt(np.abs(both)))

    def axis(self, x: Samples) -> Axis:
        """Roots by pair."""
        known, (a, b) = names(x), self._pairs(x)
        stated = tuple(f"{known[i]} × {known[j]}" for i, j in zip(a, b, strict=True))
        return Axis("signed root of the product, each less its middle", "pair", "1", stated)

    def perturb(self, x: Samples, amount: float) -> Samples:
        """In so many records, always the same ones, every second column takes its cells from another of them."""
        rng = stream(0xDEFEC7, "changed cells")
        some = np.flatnonzero(rng.random(len(x)) < amount)
        values = x.array.copy()
        values[some, 1::2] = values[some[rng.permutation(len(some))], 1::2]
        return x.but(x=values)

    def _pairs(self, x: Samples) -> tuple[np.ndarray, np.ndarray]:
        columns_of(x)
        count = len(names(x))
        if count < 2:
            raise BadInput("a pair has two columns", f"{count} number a record", "leave this judge out")
        a, b = np.triu_indices(count, 1)
        kept = np.unique(np.linspace(0, len(a) - 1, min(len(a), self.most)).astype(int))
        return a[kept], b[kept]


def _middles(x: Samples) -> Float[np.ndarray, " features"]:
    """The middle of each number of `expanded`: that of a column of numbers, else a half."""
    found: list[float] = []
    for column in columns_of(x):
        found += [0.5] * (1 if len(column.levels) == 2 else len(column.levels)) if column.levels else [column.middle]
    return np.array([*found, *[0.5] * sum(column.gaps for column in columns_of(x))])
