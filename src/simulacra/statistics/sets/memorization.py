"""Memorization: whether samples lie nearer to the training set than unseen truth does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.domains.likeness.nearest import nearest
from simulacra.kinds.base import likeness_of
from simulacra.statistics.base import Split, number_of
from simulacra.statistics.sets.neighborhoods import with_copies


@dataclass(frozen=True)
class Memorization:
    """Probability that a sample lies nearer to its nearest training object than a held-out true object does to its own.

    It is 0.5 for truth, 1 for a copycat; a blurred or averaged model is near to everything and has more than 0.5 too,
    so that `copies` is the judge to trust.

    References:
        A non-parametric test to detect data-copying in generative models (Meehan, Chaudhuri & Dasgupta, 2020),
            arXiv:2004.05675
    """

    about: ClassVar[str] = "set"
    accepts: ClassVar[tuple[str, ...]] = ("any",)
    worse: ClassVar[str] = "higher"
    needs_train: ClassVar[bool] = True
    defect: ClassVar[str] = "{amount:.0%} of the samples being copies of training samples"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32)

    def __call__(self, model: Samples, truth: Samples, train: Samples) -> float:
        """The number."""
        return number_of(self, model, truth, train)

    def of(self, everything: Samples, train: Samples) -> Split:
        """The number of any division of these samples."""
        distance = nearest(likeness_of(train), everything, train).distance

        def number(model: Array, truth: Array) -> float:
            known = np.sort(distance[truth])
            below = np.searchsorted(known, distance[model], "left") + np.searchsorted(known, distance[model], "right")
            return float(1 - below.mean() / (2 * len(known)))

        return number

    def plant(self, x: Samples, train: Samples, amount: float, rng: np.random.Generator) -> Samples:
        """Some samples replaced by training samples."""
        return with_copies(x, train, amount, rng)
