"""Fragments: whether the parts that chemists join are as frequent as in truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.samples import Samples
from simulacra.domains.molecules import drug_likeness
from simulacra.domains.molecules.part_counts import cosine, counted_parts
from simulacra.statistics.base import Split, number_of
from simulacra.statistics.sets.neighborhoods import with_copies


@dataclass(frozen=True)
class FragmentSimilarity:
    """The cosine between how often each BRICS fragment occurs in either set, 0 to 1.

    References:
        Molecular Sets (MOSES): a benchmarking platform for molecular generation models (Polykovskiy et al., 2020),
        doi:10.3389/fphar.2020.565644
    """

    about: ClassVar[str] = "set"
    accepts: ClassVar[tuple[str, ...]] = ("smiles",)
    worse: ClassVar[str] = "lower"
    needs_train: ClassVar[bool] = False
    defect: ClassVar[str] = "{amount:.0%} of the molecules drawn from a twentieth of the set alone"
    amounts: ClassVar[tuple[float, ...]] = (0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, model: Samples, truth: Samples, train: Samples) -> float:
        """The number."""
        return number_of(self, model, truth, train)

    def of(self, everything: Samples, train: Samples) -> Split:
        """The number of any division of these samples."""
        counts = counted_parts([drug_likeness.fragments(str(text)) for text in everything.array])
        return lambda model, truth: cosine(counts, model, truth)

    def plant(self, x: Samples, train: Samples, amount: float, rng: np.random.Generator) -> Samples:
        """This share of the samples replaced by some of a twentieth of the set."""
        few = x[rng.permutation(len(x))[: max(1, len(x) // 20)]]
        return with_copies(x, few, amount, rng)
