"""Euler characteristic: pieces less tunnels plus cavities of phase 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.materials.configurations import cubes, euler
from simulacra.domains.materials.volumes import phases_of, spacing_of, turned
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class EulerCharacteristic:
    """The Euler characteristic of phase 1 in a unit of each volume; voxels are joined over faces.

    Positive where a phase lies in pieces, negative where it is a net. It is a mean over the cubes of 2 by 2 by 2 voxels
    that a volume holds whole, so that its faces are no part of the shape.

    References:
        Integral-geometry morphological image analysis (Michielsen & De Raedt, 2001), doi:10.1016/S0370-1573(00)00106-X
    """

    accepts: ClassVar[tuple[str, ...]] = ("volume",)
    defect: ClassVar[str] = "{amount:.2%} of the voxels in the other phase, at random"
    amounts: ClassVar[tuple[float, ...]] = (0.0001, 0.0002, 0.0004, 0.0008, 0.0016, 0.0032, 0.0064, 0.0128)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 1"]:
        """The characteristic over the volume of each sample, in one over the cube of its voxels' length."""
        return euler(cubes(phases_of(x)))[:, None] / spacing_of(x.unit)[0] ** 3

    def axis(self, x: Samples) -> Axis:
        """One number a volume."""
        return Axis(f"Euler characteristic over volume, 1/{spacing_of(x.unit)[1]}³")

    def perturb(self, x: Samples, amount: float) -> Samples:
        """This share of all voxels in the other phase."""
        return turned(x, amount)
