"""Novelty: how many samples are like nothing that the model was trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.domains.likeness.nearest import nearest, typical_distance
from simulacra.kinds.base import likeness_of
from simulacra.statistics.base import Split, number_of
from simulacra.statistics.sets.neighborhoods import with_copies


@dataclass(frozen=True)
class Novelty:
    """Share of the model's samples that have no twin in the training set, neither exact nor near.

    Args:
        close: how near two objects must be to count as one, in typical distances.
    """

    about: ClassVar[str] = "set"
    accepts: ClassVar[tuple[str, ...]] = ("any",)
    worse: ClassVar[str] = "lower"
    needs_train: ClassVar[bool] = True
    defect: ClassVar[str] = "{amount:.0%} of the samples being copies of training samples"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32)
    close: float = 0.05

    def __call__(self, model: Samples, truth: Samples, train: Samples) -> float:
        """The number."""
        return number_of(self, model, truth, train)

    def of(self, everything: Samples, train: Samples) -> Split:
        """The number of any division of these samples."""
        likeness = likeness_of(train)
        scale = typical_distance(likeness, train, np.random.default_rng(0))
        novel = nearest(likeness, everything, train).distance > self.close * scale

        def number(model: Array, truth: Array) -> float:
            return float(novel[model].mean())

        return number

    def plant(self, x: Samples, train: Samples, amount: float, rng: np.random.Generator) -> Samples:
        """Some samples replaced by training samples."""
        return with_copies(x, train, amount, rng)
