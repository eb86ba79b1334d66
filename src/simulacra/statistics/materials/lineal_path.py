"""Lineal path function: how often a straight segment lies wholly in one phase."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.materials.runs_of_phase import segments
from simulacra.domains.materials.volumes import phases_of, spacing_of, turned
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class LinealPath:
    r"""$L(z)$ of each volume: the share of segments along its axes that meet one phase alone, by their length.

    It shows in how long pieces a phase hangs together, which two points cannot: between spheres it falls as an
    exponential, whatever their two-point probability.

    Args:
        phase: 1, or 0 for what lies between.

    References:
        Lineal-path function for random heterogeneous materials (Lu & Torquato, 1992), doi:10.1103/PhysRevA.45.922
    """

    accepts: ClassVar[tuple[str, ...]] = ("volume",)
    defect: ClassVar[str] = "{amount:.2%} of the voxels in the other phase, at random"
    amounts: ClassVar[tuple[float, ...]] = (
        0.0001,
        0.0002,
        0.0004,
        0.0008,
        0.0016,
        0.0032,
        0.0064,
        0.0128,
        0.0256,
        0.0512,
    )

    phase: int = 1

    def __post_init__(self) -> None:
        checked(self.phase)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n lengths"]:
        """The share of segments, from one voxel apart to half of the shortest side."""
        phases = phases_of(x)
        return segments(phases, self.phase, min(phases.shape[1:]) // 2)[:, 1:]

    def axis(self, x: Samples) -> Axis:
        """A curve over the length."""
        spacing, length = spacing_of(x.unit)
        at = spacing * np.arange(1, min(phases_of(x[:1]).shape[1:]) // 2 + 1)
        unit = "voxels" if length == "voxel" else length
        return Axis(f"lineal path L of phase {self.phase}", "length of the segment", unit, tuple(at.tolist()))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """This share of all voxels in the other phase."""
        return turned(x, amount)


def checked(phase: int) -> None:
    """An error for a phase that no volume has."""
    if phase not in (0, 1):
        raise BadInput("the phases of a volume are 0 and 1", f"phase={phase}", "take phase=1, or 0 for the matrix")
