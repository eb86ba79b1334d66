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
    """Of each record the products of two numbers, each less its mean and over its spread in this table, to 3 spreads.

    Means over records are the correlations of columns; of categories those of their levels.

    Args:
        most: pairs that are looked at, evenly spaced among all.
    """

    accepts: ClassVar[tuple[str, ...]] = ("table",)
    defect: ClassVar[str] = "cells of {amount:.0%} of the records dealt out anew in every second column"
    amounts: ClassVar[tuple[float, ...]] = (0.02, 0.04, 0.08, 0.16, 0.32, 0.64)
    most: int = 300

    def __call__(self, x: Samples) -> Float[np.ndarray, "n features"]:
        """The products; an error for a table of one number."""
        rows = expanded(x)
        a, b = self._pairs(x)
        spread = rows.std(axis=0)
        z = np.clip((rows - rows.mean(axis=0)) / np.where(spread > 1e-12, spread, 1.0), -3, 3)
        return np.asarray(z[:, a] * z[:, b])

    def axis(self, x: Samples) -> Axis:
        """Products by pair."""
        known, (a, b) = names(x), self._pairs(x)
        stated = tuple(f"{known[i]} × {known[j]}" for i, j in zip(a, b, strict=True))
        return Axis("product of two columns", "pair", "1", stated)

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
