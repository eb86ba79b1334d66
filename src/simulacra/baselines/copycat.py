"""The copycat: no model at all, only the training samples drawn again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.sources.base import Simulator


def copycat(train: Samples) -> Simulator:
    """Redraws the training samples with replacement: beyond reproach in every statistic, and of no use."""
    if not len(train):
        raise BadInput("there is nothing to copy", "0 training samples", "train on one sample or more")
    return Copycat(train)


@dataclass(frozen=True, repr=False, eq=False)
class Copycat:
    """Training samples of any kind, drawn again with replacement and with what they are given.

    Each draw is a record and a group of its own: given the training set, the draws are independent.

    Args:
        train: what is copied.
    """

    train: Samples

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """Draw n copies."""
        names = np.arange(n).astype(str)
        copies = self.train[rng.integers(len(self.train), size=n)]
        return copies.but(
            id=names, group=names, origin=f"copies of {len(self.train)} training samples: {self.train.origin}"
        )

    def __repr__(self) -> str:
        return f"Copycat({self.train!r})"
