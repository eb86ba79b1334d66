"""Synthetic accessibility: how hard each molecule is to make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.molecules import accessibility
from simulacra.statistics.base import Axis
from simulacra.statistics.molecules.molecular_descriptors import drawn_from


@dataclass(frozen=True)
class SyntheticAccessibility:
    """The score of Ertl & Schuffenhauer, 1 (easy) to 10, from how common a molecule's parts are.

    A string that is no molecule has none: its row is NaN, and the verdict's note counts what was left out.

    References:
        Estimation of synthetic accessibility score of drug-like molecules (Ertl & Schuffenhauer, 2009),
        doi:10.1186/1758-2946-1-8
    """

    accepts: ClassVar[tuple[str, ...]] = ("smiles",)
    skips: ClassVar[str] = "strings that are no molecule"
    defect: ClassVar[str] = "{amount:.0%} of the molecules drawn from the quarter that is hardest to make alone"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 1"]:
        """One number a string; NaN where it is no molecule."""
        return accessibility.accessibility(x.array)[:, None]

    def axis(self, x: Samples) -> Axis:
        """One number a molecule."""
        return Axis("synthetic accessibility, 1 (easy) to 10")

    def perturb(self, x: Samples, amount: float) -> Samples:
        """This share of the molecules replaced by others of the hardest quarter; always the same ones."""
        return drawn_from(x, self(x)[:, 0], amount)
