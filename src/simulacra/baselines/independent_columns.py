"""Independent columns: letters drawn by their frequencies, each column for itself."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.proteins.residues import KIND, codes_of, decoded, frequencies, states_in, unit_of
from simulacra.sources.base import Simulator


@dataclass(frozen=True)
class IndependentColumns:
    """Sequences whose columns know nothing of each other.

    Args:
        odds: of each letter in each column, (columns, states).
        unit: the alphabet.
    """

    odds: Float[np.ndarray, "columns states"] = field(repr=False)
    unit: str = "amino acid"

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """n sequences."""
        edges = np.cumsum(self.odds, axis=1)[:, :-1]
        codes = (rng.random((n, len(edges), 1)) > edges).sum(axis=2)
        return Samples.of(decoded(codes, self.unit), KIND, self.unit, "independent columns")


def independent_columns(train: Samples) -> Simulator:
    """The site-independent model: frequencies of the training set, half a letter added to each count."""
    if train.kind != KIND or not len(train):
        raise BadInput(
            "columns are those of aligned sequences",
            f"{len(train)} samples of kind {train.kind!r}",
            "give sequences of one length, or take another baseline",
        )
    unit = unit_of(train)
    return IndependentColumns(frequencies(codes_of(train), states_in(unit), None, 0.5), unit)
