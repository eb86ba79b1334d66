"""Drug-likeness: how far a molecule looks like the drugs that there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.molecules import drug_likeness
from simulacra.statistics.base import Axis
from simulacra.statistics.molecules.molecular_descriptors import drawn_from


@dataclass(frozen=True)
class DrugLikeness:
    """QED of each molecule, 0 to 1, from eight properties of known drugs.

    A string that is no molecule has none: its row is NaN, and the verdict's note counts what was left out.

    References:
        Quantifying the chemical beauty of drugs (Bickerton et al., 2012), doi:10.1038/nchem.1243
    """

    accepts: ClassVar[tuple[str, ...]] = ("smiles",)
    skips: ClassVar[str] = "strings that are no molecule"
    defect: ClassVar[str] = "{amount:.0%} of the molecules drawn from the least drug-like quarter alone"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 1"]:
        """One number a string; NaN where it is no molecule."""
        return np.array(drug_likeness.each("rating molecules", x.array, drug_likeness.qed), dtype=np.float64)[:, None]

    def axis(self, x: Samples) -> Axis:
        """One number a molecule."""
        return Axis("drug-likeness QED")

    def perturb(self, x: Samples, amount: float) -> Samples:
        """This share of the molecules replaced by others of its least drug-like quarter; always the same ones."""
        return drawn_from(x, -self(x)[:, 0], amount)
