"""Triple covariances: how letters of three columns go together, beyond what pairs say, in two sets of sequences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.domains.proteins.covariances import agreement, connected, strongest_triples, unbound
from simulacra.domains.proteins.residues import codes_of, states_in, unit_of, with_codes
from simulacra.statistics.base import Split, number_of


@dataclass(frozen=True)
class TripleCovariances:
    """Pearson's correlation of the third cumulants of letters in three columns, between two sets of aligned sequences.

    Looked at are the triples with the largest cumulants in both sets together, among letters of many strong pairs.

    Args:
        entries: how many triples of letters.
    """

    about: ClassVar[str] = "set"
    accepts: ClassVar[tuple[str, ...]] = ("sequence",)
    worse: ClassVar[str] = "lower"
    needs_train: ClassVar[bool] = False
    defect: ClassVar[str] = "{amount:.0%} of the letters exchanged within their columns"
    amounts: ClassVar[tuple[float, ...]] = (0.02, 0.04, 0.08, 0.16, 0.32, 0.64)
    entries: int = 1000

    def __call__(self, model: Samples, truth: Samples, train: Samples) -> float:
        """The number."""
        return number_of(self, model, truth, train)

    def of(self, everything: Samples, train: Samples) -> Split:
        """The number of any division of these samples."""
        codes, states = codes_of(everything), states_in(unit_of(everything))
        products = strongest_triples(codes, states, self.entries).products(codes, states)

        def number(model: Array, truth: Array) -> float:
            return agreement(connected(products, model), connected(products, truth))

        return number

    def plant(self, x: Samples, train: Samples, amount: float, rng: np.random.Generator) -> Samples:
        """A share of the letters exchanged within their columns."""
        return with_codes(x, unbound(codes_of(x), amount, rng))
