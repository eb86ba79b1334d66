"""Density: in how many neighborhoods of true objects a sample lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.statistics.base import Split, number_of
from simulacra.statistics.sets.neighborhoods import Neighborhoods, with_strangers


@dataclass(frozen=True)
class Density:
    """Neighborhoods of true objects that hold a sample, over their expected number.

    It is 1 for truth, less where samples stray, more where they crowd.

    Args:
        neighbors: how many nearest objects a neighborhood holds.

    References:
        Reliable fidelity and diversity metrics for generative models (Naeem et al., 2020), arXiv:2002.09797
    """

    about: ClassVar[str] = "set"
    accepts: ClassVar[tuple[str, ...]] = ("any",)
    worse: ClassVar[str] = "either"
    needs_train: ClassVar[bool] = False
    defect: ClassVar[str] = "{amount:.0%} of the samples replaced by noise"
    amounts: ClassVar[tuple[float, ...]] = (0.02, 0.04, 0.08, 0.16, 0.32, 0.64)
    neighbors: int = 5

    def __call__(self, model: Samples, truth: Samples, train: Samples) -> float:
        """The number; the training set has no part in it."""
        return number_of(self, model, truth, train)

    def of(self, everything: Samples, train: Samples) -> Split:
        """The number of any division of these samples."""
        around = Neighborhoods.of(everything, self.neighbors)

        def number(model: Array, truth: Array) -> float:
            return float(around.held(model, truth).sum(axis=1).mean() / self.neighbors)

        return number

    def plant(self, x: Samples, train: Samples, amount: float, rng: np.random.Generator) -> Samples:
        """Some samples replaced by noise."""
        return with_strangers(x, amount, rng)
