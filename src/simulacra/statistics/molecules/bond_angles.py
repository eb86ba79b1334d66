"""Bond angles of molecules: how far those of a set lie from truth's, type by type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.samples import Samples
from simulacra.domains.molecules.atoms import filled
from simulacra.domains.molecules.geometry import Distances, bond_angles
from simulacra.statistics.base import Split, number_of


@dataclass(frozen=True)
class BondAngles:
    """The first Wasserstein distance of bond angles, degrees: mean over elements at the corner, as often as in truth.

    Bonds are given by distance; an element that one of the sets hardly has is left out.

    References:
        MiDi: mixed graph and 3D denoising diffusion for molecule generation (Vignac et al., 2023), arXiv:2302.09048
    """

    about: ClassVar[str] = "set"
    accepts: ClassVar[tuple[str, ...]] = ("molecule",)
    worse: ClassVar[str] = "higher"
    needs_train: ClassVar[bool] = False
    defect: ClassVar[str] = "atoms displaced by {amount:.2g} Å"
    amounts: ClassVar[tuple[float, ...]] = (0.005, 0.01, 0.02, 0.04, 0.08)

    def __call__(self, model: Samples, truth: Samples, train: Samples) -> float:
        """The number, degrees."""
        return number_of(self, model, truth, train)

    def of(self, everything: Samples, train: Samples) -> Split:
        """The number of any division of these samples."""
        return Distances(bond_angles(everything.array)).mean

    def plant(self, x: Samples, train: Samples, amount: float, rng: np.random.Generator) -> Samples:
        """Every atom moved by a normal law of this width along each axis."""
        values = x.array.copy()
        moved = amount * rng.standard_normal(values[..., 1:].shape)
        values[..., 1:] += np.where(filled(values)[..., None], moved, 0.0).astype(values.dtype)
        return x.but(x=values)
