"""The cells of a table: numbers as they are, categories by level, and which cells are empty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.comparison.raised import raised
from simulacra.core.samples import Samples
from simulacra.domains.tables.expanded import expanded, names
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class Cells:
    """Each record as numbers: a column a number, a column a level of a category, a mark for each gap."""

    accepts: ClassVar[tuple[str, ...]] = ("table",)
    defect: ClassVar[str] = "every column's mean raised by {amount:.0%} of a standard deviation"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n features"]:
        """The numbers, in each column's unit; a gap holds the column's middle."""
        return expanded(x)

    def axis(self, x: Samples) -> Axis:
        """Values by column."""
        return Axis("value", "column", "1", names(x))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Every column's mean raised within what it can hold (see `comparison.raised`); gaps stay."""
        there = [np.isfinite(column) for column in x.array.T]
        spread = [float(column[at].std()) if at.any() else 0.0 for column, at in zip(x.array.T, there, strict=True)]
        columns = [raised(column, amount * spread[j], j) for j, column in enumerate(x.array.T)]
        return x.but(x=np.column_stack(columns))
