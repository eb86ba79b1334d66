"""Volume fraction: how much of a volume is of phase 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.materials.volumes import lost, phases_of
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class VolumeFraction:
    """The share of each volume's voxels that are of phase 1."""

    accepts: ClassVar[tuple[str, ...]] = ("volume",)
    defect: ClassVar[str] = "{amount:.2%} of phase 1 lost, voxel by voxel"
    amounts: ClassVar[tuple[float, ...]] = (0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 1"]:
        """The fraction of each volume."""
        return np.asarray(phases_of(x).reshape(len(x), -1).mean(axis=1, dtype=np.float64))[:, None]

    def axis(self, x: Samples) -> Axis:
        """One number a volume."""
        return Axis("volume fraction of phase 1")

    def perturb(self, x: Samples, amount: float) -> Samples:
        """This share of phase 1 turned to phase 0."""
        return lost(x, amount)
