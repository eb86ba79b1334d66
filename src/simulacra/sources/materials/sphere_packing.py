"""Overlapping spheres in a box: a composite with inclusions, whose statistics are known exactly."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.materials.spheres import pack
from simulacra.domains.materials.volumes import KIND, unit_of


@dataclass(frozen=True)
class SpherePacking:
    """Volumes of two phases, (n, size, size, size) of uint8: 1 within spheres, 0 between them.

    Spheres of one radius are placed one by one, their middles on voxels with equal chance wherever other spheres lie,
    until their share of the box passes `fraction`; a voxel belongs to a sphere if its middle is no farther from the
    sphere's than the radius. So the share of spheres is the same in all boxes but for a part of the last sphere.

    Published are boxes of 32 voxels with spheres of radius 4 and of 64 with radius 8, up to a share of 0.3, cut at
    their faces (`periodic=False`): there fewer spheres reach a voxel near a face than one in the middle. In periodic
    boxes every voxel is like every other, and the laws of Poisson's spheres hold as far as a fixed share allows.

    Args:
        size: voxels along a side.
        radius: of the spheres, in voxels; their middles lie on voxels.
        fraction: share of the box that the spheres pass in the end.
        periodic: whether a sphere that leaves at one face comes in at the opposite one.
        spacing: length of a voxel, in `length`.
        length: its unit: "voxel", or µm, nm, mm …

    References:
        Three-dimensional microstructure generation using generative adversarial neural networks in the context of
        continuum micromechanics (Henkes & Wessels, 2022), arXiv:2206.01693
    """

    kind: ClassVar[str] = "volume"

    size: int = 32
    radius: float = 4.0
    fraction: float = 0.3
    periodic: bool = False
    spacing: float = 1.0
    length: str = "voxel"

    def __post_init__(self) -> None:
        if not 4 <= self.size <= 512:
            raise BadInput("a box has 4 to 512 voxels along a side", f"size={self.size}", "take size=32 or 64")
        if not (math.isfinite(self.radius) and 0 <= self.radius <= self.size):
            raise BadInput(
                "a sphere's radius lies between 0 and a side", f"radius={self.radius}", f"take radius={self.size / 8:g}"
            )
        if not 0 < self.fraction <= 0.95:
            raise BadInput(
                "the share of the spheres lies between 0 and 0.95", f"fraction={self.fraction}", "take fraction=0.3"
            )
        unit_of(self.spacing, self.length)

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """n independent boxes."""
        if n < 1:
            raise BadInput("there is nothing to draw", f"n = {n}", "ask for at least one sample")
        x = pack(n, self.size, self.radius, self.fraction, self.periodic, rng)
        return Samples.of(x, KIND, unit_of(self.spacing, self.length), repr(self))
