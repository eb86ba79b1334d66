"""Each number drawn by its own frequency in the training set, and none knows of another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.sources.base import Simulator

KIND = "vector"


def independent_bits(train: Samples) -> Simulator:
    """Each number of a row taken from a training row of its own."""
    if train.kind != KIND or not len(train):
        raise BadInput(
            "this baseline wants rows of numbers",
            f"{len(train)} samples of kind {train.kind!r}",
            f"give samples of kind {KIND!r}",
        )
    return IndependentBits(train)


@dataclass(frozen=True, repr=False, eq=False)
class IndependentBits:
    """Rows whose numbers know nothing of each other.

    Args:
        train: rows.
    """

    train: Samples

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """n rows."""
        known = self.train.array
        rows = rng.integers(len(known), size=(n, known.shape[1]))
        x = np.take_along_axis(known, rows, axis=0)
        return Samples.of(
            x, KIND, self.train.unit, f"each number alone: {self.train.origin}", columns=self.train.columns
        )

    def __repr__(self) -> str:
        return f"IndependentBits({self.train!r})"
