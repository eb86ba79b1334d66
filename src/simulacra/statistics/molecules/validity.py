"""Validity: which strings are molecules at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.molecules import chemistry
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class Validity:
    """1 for a string that is a molecule with possible valences and aromaticity, 0 for one that is none."""

    accepts: ClassVar[tuple[str, ...]] = ("smiles",)
    defect: ClassVar[str] = "{amount:.1%} of the strings invalid"
    amounts: ClassVar[tuple[float, ...]] = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 1"]:
        """One number a string."""
        return np.asarray(chemistry.valid(x.array)[:, None], dtype=np.float64)

    def axis(self, x: Samples) -> Axis:
        """One number a string, without unit."""
        return Axis("valid (1) or not (0)")

    def perturb(self, x: Samples, amount: float) -> Samples:
        """This share of the strings with a ring, or a branch, left open; always the same ones."""
        texts = x.array.copy()
        some = np.random.default_rng(0).permutation(len(texts))[: round(amount * len(texts))]
        texts[some] = [chemistry.broken(str(text)) for text in texts[some]]
        return x.but(x=texts)
