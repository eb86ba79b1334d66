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
        """Values over their place in the row, counted from 1; of a table the columns by name."""
        if x.columns:
            return Axis("value", "column", "1", tuple(labeled(column.name, column.unit) for column in x.columns))
        return Axis(labeled("value", x.unit), "place", "1", tuple(float(i + 1) for i in range(x.array.shape[1])))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Every number raised by `amount` times the standard deviation of its column.

        Columns of no more than two values (yes and no, classes) stay as they are: raised a little they would hold what
        no sample holds. Where all columns are such, rows are replaced by rows that have the first one's upper value,
        always the same ones, until that column's mean is raised so far.
        """
        values = x.array.astype(np.float64)
        many = np.array([len(np.unique(column)) > 2 for column in values.T])
        sigma = values.std(axis=0)
        if many.any() or not sigma.any():
            return x.but(x=values + amount * sigma * (many | ~many.any()))
        first = int(np.argmax(sigma > 0))
        upper = values[:, first] == values[:, first].max()
        share = min(1.0, amount * np.sqrt(upper.mean() / (1 - upper.mean())))
        rng = np.random.default_rng(0)
        some = rng.permutation(len(values))[: round(share * len(values))]
        raised = values.copy()
        raised[some] = values[rng.choice(np.flatnonzero(upper), len(some))]
        return x.but(x=raised)
