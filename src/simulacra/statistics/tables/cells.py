"""The cells of a table: numbers as they are, categories by level, and which cells are empty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.chance import stream
from simulacra.core.samples import Samples
from simulacra.domains.tables.expanded import expanded, names
from simulacra.domains.tables.pushed import pushed
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class Cells:
    """Each record as numbers: a column a number, a column a level of a category, a mark for each gap."""

    accepts: ClassVar[tuple[str, ...]] = ("table",)
    defect: ClassVar[str] = "every column's mean raised by {amount:.0%} of a standard deviation"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n features"]:
        """The numbers, in each column's unit; a gap holds the column's middle."""
        return expanded(x)

    def axis(self, x: Samples) -> Axis:
        """Values by column."""
        return Axis("value", "column", "1", names(x))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Each column pushed upwards among the values that it holds, always in the same rows; gaps stay."""
        rng = stream(0xDEFEC7, "changed cells")
        return x.but(x=np.column_stack([pushed(column, amount, rng) for column in x.array.T]))
