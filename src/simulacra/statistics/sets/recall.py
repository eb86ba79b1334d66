"""Recall: how much of the truth lies where a model draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.statistics.base import Split, number_of
from simulacra.statistics.sets.neighborhoods import Neighborhoods, without_a_region


@dataclass(frozen=True)
class Recall:
    """Share of true objects that lie in the neighborhood of some sample.

    Args:
        neighbors: how many nearest objects a neighborhood holds.

    References:
        Reliable fidelity and diversity metrics for generative models (Naeem et al., 2020), arXiv:2002.09797
    """

    about: ClassVar[str] = "set"
    accepts: ClassVar[tuple[str, ...]] = ("any",)
    worse: ClassVar[str] = "lower"
    finds_lost: ClassVar[bool] = True
    needs_train: ClassVar[bool] = False
    defect: ClassVar[str] = "{amount:.0%} of the objects, those next to one another, never drawn"
    amounts: ClassVar[tuple[float, ...]] = (0.02, 0.04, 0.08, 0.16, 0.32, 0.64)
    neighbors: int = 5

    def __call__(self, model: Samples, truth: Samples, train: Samples) -> float:
        """The number; the training set has no part in it."""
        return number_of(self, model, truth, train)

    def of(self, everything: Samples, train: Samples) -> Split:
        """The number of any division of these samples."""
        around = Neighborhoods.of(everything, self.neighbors)

        def number(model: Array, truth: Array) -> float:
            return float(around.held(truth, model).any(axis=1).mean())

        return number

    def plant(self, x: Samples, train: Samples, amount: float, rng: np.random.Generator) -> Samples:
        """The samples of a region replaced by draws of the others."""
        return without_a_region(x, amount, rng)
