"""Surface area: how much interface between the phases a volume holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.materials.configurations import cubes, surface
from simulacra.domains.materials.volumes import phases_of, spacing_of, turned
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class SurfaceArea:
    """Area of the interface in a unit of each volume, by Crofton's formula along 13 directions of the lattice.

    The faces of voxels are half as large again as the smooth surface that they stand for; lines that count how often
    they pass from one phase to the other are not misled by steps.

    References:
        Computation of Minkowski measures on 2D and 3D binary images (Legland, Kiêu & Devaux, 2007),
        doi:10.5566/ias.v26.p83-92
    """

    accepts: ClassVar[tuple[str, ...]] = ("volume",)
    defect: ClassVar[str] = "{amount:.2%} of the voxels in the other phase, at random"
    amounts: ClassVar[tuple[float, ...]] = (0.0001, 0.0002, 0.0004, 0.0008, 0.0016, 0.0032, 0.0064, 0.0128, 0.0256)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 1"]:
        """Area over volume of each sample, in one over the length of its voxels."""
        return surface(cubes(phases_of(x)))[:, None] / spacing_of(x.unit)[0]

    def axis(self, x: Samples) -> Axis:
        """One number a volume."""
        return Axis(f"surface area over volume, 1/{spacing_of(x.unit)[1]}")

    def perturb(self, x: Samples, amount: float) -> Samples:
        """This share of all voxels in the other phase."""
        return turned(x, amount)
