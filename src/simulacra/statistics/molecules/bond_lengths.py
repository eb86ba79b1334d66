"""Bond lengths of molecules: how far those of a set lie from truth's, type by type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.samples import Samples
from simulacra.domains.molecules.geometry import Distances, bond_lengths
from simulacra.statistics.base import Split, number_of


@dataclass(frozen=True)
class BondLengths:
    """The first Wasserstein distance of bond lengths, Å: mean over types (elements and order), as often as in truth.

    Bonds are given by distance; a type that one of the sets hardly has is left out.

    References:
        MiDi: mixed graph and 3D denoising diffusion for molecule generation (Vignac et al., 2023), arXiv:2302.09048
    """

    about: ClassVar[str] = "set"
    accepts: ClassVar[tuple[str, ...]] = ("molecule",)
    worse: ClassVar[str] = "higher"
    needs_train: ClassVar[bool] = False
    defect: ClassVar[str] = "bonds longer by {amount:.1%}"
    amounts: ClassVar[tuple[float, ...]] = (0.001, 0.002, 0.004, 0.008, 0.016, 0.032)

    def __call__(self, model: Samples, truth: Samples, train: Samples) -> float:
        """The number, Å."""
        return number_of(self, model, truth, train)

    def of(self, everything: Samples, train: Samples) -> Split:
        """The number of any division of these samples."""
        return Distances(bond_lengths(everything.array)).mean

    def plant(self, x: Samples, train: Samples, amount: float, rng: np.random.Generator) -> Samples:
        """All places stretched by this share."""
        values = x.array.copy()
        values[..., 1:] *= 1 + amount
        return x.but(x=values.astype(x.array.dtype))
