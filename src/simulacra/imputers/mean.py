"""Mean: each gap holds its column's mean, or its most frequent level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.samples import Samples
from simulacra.domains.tables.expanded import columns_of
from simulacra.domains.tables.filled import Filled


@dataclass(frozen=True)
class Mean:
    """What everybody begins with. Its draws are known cells of the column, of whichever row."""

    carries: ClassVar[bool] = False

    def fit(self, x: Samples, seed: int = 0) -> ColumnMeans:
        """Mean or mode of each column, and its known cells."""
        columns = columns_of(x)
        known = tuple(cells[~np.isnan(cells)] for cells in x.array.T)
        middle = [
            float(np.bincount(k.astype(int)).argmax()) if c.levels else float(k.mean())
            for k, c in zip(known, columns, strict=True)
        ]
        return ColumnMeans(np.array(middle), known)


@dataclass(frozen=True, eq=False)
class ColumnMeans:
    """The middle of each column (d,), and its known cells."""

    middle: np.ndarray
    known: tuple[np.ndarray, ...]

    def impute(self, x: Samples, draws: int, rng: np.random.Generator) -> Filled:
        """The middle; draws from the known cells."""
        gone = np.isnan(x.array)
        drawn = []
        for _ in range(draws):
            one = np.column_stack([rng.choice(k, len(x)) for k in self.known])
            drawn.append(np.where(gone, one, x.array))
        return Filled.of(x, np.where(gone, self.middle, x.array), drawn, False)


def example() -> Mean:
    """The smallest one."""
    return Mean()
