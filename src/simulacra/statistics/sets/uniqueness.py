"""Uniqueness: how many samples are like no other sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.statistics.base import Split, number_of
from simulacra.statistics.sets.neighborhoods import distances, with_copies


@dataclass(frozen=True)
class Uniqueness:
    """Share of the model's samples that have no twin among them, neither exact nor near.

    Args:
        close: how near two objects must be to count as one, in typical distances.
    """

    about: ClassVar[str] = "set"
    accepts: ClassVar[tuple[str, ...]] = ("any",)
    worse: ClassVar[str] = "lower"
    needs_train: ClassVar[bool] = False
    defect: ClassVar[str] = "{amount:.0%} of the samples repeated"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32)
    close: float = 0.05

    def __call__(self, model: Samples, truth: Samples, train: Samples) -> float:
        """The number."""
        return number_of(self, model, truth, train)

    def of(self, everything: Samples, train: Samples) -> Split:
        """The number of any division of these samples."""
        apart = distances(everything)
        near = apart <= self.close * np.median(apart)
        np.fill_diagonal(near, False)

        def number(model: Array, truth: Array) -> float:
            return float(1 - near[np.ix_(model, model)].any(axis=1).mean())

        return number

    def plant(self, x: Samples, train: Samples, amount: float, rng: np.random.Generator) -> Samples:
        """Some samples replaced by others of the same set."""
        return with_copies(x, x, amount, rng)
