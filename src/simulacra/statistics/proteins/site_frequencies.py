"""Site frequencies: how often each letter stands in each column, in two sets of sequences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.domains.proteins.covariances import agreement
from simulacra.domains.proteins.residues import codes_of, one_hot, replaced, states_in, unit_of, with_codes
from simulacra.statistics.base import Split, number_of


@dataclass(frozen=True)
class SiteFrequencies:
    """Pearson's correlation of the letters' frequencies in all columns, between two sets of aligned sequences."""

    about: ClassVar[str] = "set"
    accepts: ClassVar[tuple[str, ...]] = ("sequence",)
    worse: ClassVar[str] = "lower"
    needs_train: ClassVar[bool] = False
    defect: ClassVar[str] = "{amount:.0%} of the residues replaced by any other"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, model: Samples, truth: Samples, train: Samples) -> float:
        """The number."""
        return number_of(self, model, truth, train)

    def of(self, everything: Samples, train: Samples) -> Split:
        """The number of any division of these samples."""
        hot = one_hot(codes_of(everything), states_in(unit_of(everything))).astype(np.uint8)

        def number(model: Array, truth: Array) -> float:
            return agreement(*(hot[rows].mean(axis=0, dtype=np.float32) for rows in (model, truth)))

        return number

    def plant(self, x: Samples, train: Samples, amount: float, rng: np.random.Generator) -> Samples:
        """Residues replaced at random; gaps stay."""
        codes, states = codes_of(x), states_in(unit_of(x))
        return with_codes(x, replaced(codes, rng.random(codes.shape) < amount, states, rng))
