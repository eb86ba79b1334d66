"""The plain numbers of a sample, when a sample is a row of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.statistics.base import Axis, labeled


@dataclass(frozen=True)
class Values:
    """Each sample's numbers as they are."""

    accepts: ClassVar[tuple[str, ...]] = ("vector",)
    defect: ClassVar[str] = "the mean shifted by {amount:.0%} of a standard deviation"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n numbers"]:
        """The numbers, in their unit."""
        return x.array.astype(np.float64)

    def axis(self, x: Samples) -> Axis:
        """Values over their place in the row, counted from 1."""
        return Axis(labeled("value", x.unit), "place", "1", tuple(float(i + 1) for i in range(x.array.shape[1])))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Every number raised by `amount` times the standard deviation of its column."""
        values = x.array.astype(np.float64)
        return x.but(x=values + amount * values.std(axis=0))
