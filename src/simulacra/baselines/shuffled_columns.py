"""Shuffled columns: every column of the family by itself, its letters dealt out anew."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from simulacra.core.samples import Samples
from simulacra.domains.proteins.residues import KIND, codes_of, decoded, unit_of
from simulacra.sources.base import Simulator


@dataclass(frozen=True)
class ShuffledColumns:
    """Sequences whose columns are those of the training set, each in an order of its own.

    Args:
        train: the training sequences.
    """

    train: Samples = field(repr=False)

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """n sequences; beyond the training set's number the columns are dealt again."""
        codes = codes_of(self.train)
        rounds = -(-n // len(codes))
        dealt = np.concatenate([rng.permuted(codes, axis=0) for _ in range(rounds)])[:n]
        unit = unit_of(self.train)
        return Samples.of(decoded(dealt, unit), KIND, unit, f"shuffled columns of {self.train.origin}")


def shuffled_columns(train: Samples) -> Simulator:
    """The letters of each column dealt out anew: right site frequencies, nothing that goes together."""
    codes_of(train)  # an error where these are no aligned sequences: now, not when they are drawn
    return ShuffledColumns(train)
