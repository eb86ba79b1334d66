"""Nearest similarity: how near each sample lies to its nearest true molecule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.domains.molecules import drug_likeness
from simulacra.statistics.base import Split, number_of


@dataclass(frozen=True)
class NearestSimilarity:
    """Published as SNN: the mean Tanimoto similarity of the valid samples to their nearest molecules of truth, 0 to 1.

    References:
        Molecular Sets (MOSES): a benchmarking platform for molecular generation models (Polykovskiy et al., 2020),
        doi:10.3389/fphar.2020.565644
    """

    about: ClassVar[str] = "set"
    accepts: ClassVar[tuple[str, ...]] = ("smiles",)
    worse: ClassVar[str] = "lower"
    needs_train: ClassVar[bool] = False
    defect: ClassVar[str] = "{amount:.0%} of the molecules replaced by unbranched chains"
    amounts: ClassVar[tuple[float, ...]] = (0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, model: Samples, truth: Samples, train: Samples) -> float:
        """The number."""
        return number_of(self, model, truth, train)

    def of(self, everything: Samples, train: Samples) -> Split:
        """The number of any division of these samples."""
        texts = [str(text) for text in everything.array]
        alike = drug_likeness.tanimoto(texts, texts)
        known = np.isfinite(np.diagonal(alike))

        def number(model: Array, truth: Array) -> float:
            rows, columns = model[known[model]], truth[known[truth]]
            return float(alike[np.ix_(rows, columns)].max(axis=1).mean()) if len(rows) and len(columns) else 0.0

        return number

    def plant(self, x: Samples, train: Samples, amount: float, rng: np.random.Generator) -> Samples:
        """This share of the samples replaced by chains of carbon and oxygen."""
        some = rng.permutation(len(x))[: round(amount * len(x))]
        texts = x.array.copy()
        texts[some] = ["".join(rng.choice(["C", "O"], 12, p=[0.8, 0.2])) for _ in some]
        return x.but(x=texts)
