"""The plain numbers of a sample, when a sample is a row of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.comparison.raised import raised, typical
from simulacra.core.samples import Samples
from simulacra.statistics.base import Axis, labeled


@dataclass(frozen=True)
class Values:
    """Each sample's numbers as they are."""

    accepts: ClassVar[tuple[str, ...]] = ("vector",)
    defect: ClassVar[str] = "every mean shifted by {amount:.0%} of its column's spread"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n numbers"]:
        """The numbers, in their unit."""
        return x.array.astype(np.float64)

    def axis(self, x: Samples) -> Axis:
        """Values over their place in the row, counted from 1; of a table the columns by name."""
        if x.columns:
            return Axis("value", "column", "1", tuple(labeled(column.name, column.unit) for column in x.columns))
        return Axis(labeled("value", x.unit), "place", "1", tuple(float(i + 1) for i in range(x.array.shape[1])))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Every column's mean raised by `amount` times its spread (that of its quartiles; see `comparison.raised`).

        Columns keep to what they can hold: of whole numbers, classes or heaped zeros mass moves up between values that
        are there; only a column of free values is raised as a whole.
        """
        values = x.array.astype(np.float64)
        columns = [raised(column, amount * typical(column), place) for place, column in enumerate(values.T)]
        return x.but(x=np.column_stack(columns))
