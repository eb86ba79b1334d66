"""Radial profile: how brightness falls from the center of a galaxy outwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.pictures import images
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class RadialProfile:
    """The mean brightness in annuli about each picture's centroid of light, with the background left in.

    The annuli are of equal width and reach as far as the outermost pixels lie from the picture's middle.

    Args:
        rings: how many annuli; fewer where they would be narrower than a pixel.
    """

    accepts: ClassVar[tuple[str, ...]] = ("picture",)
    defect: ClassVar[str] = "brightness beyond half the radius {amount:.0%} lower"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    rings: int = 8

    def __post_init__(self) -> None:
        if self.rings < 1:
            raise BadInput("a profile has at least one annulus", f"rings={self.rings}", "take rings=8")

    def __call__(self, x: Samples) -> Float[np.ndarray, "n rings"]:
        """The profiles, in the pictures' 0…1."""
        return images.radial_profile(images.brightness(x.array), self._rings(x))

    def axis(self, x: Samples) -> Axis:
        """Brightness over the middle radius of each annulus, pixels."""
        edges = images.annulus_edges(x.array.shape[1], x.array.shape[2], self._rings(x))
        return Axis("mean brightness, 0 to 1", "radius", "pixel", tuple(((edges[1:] + edges[:-1]) / 2).tolist()))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Pixels beyond half the profile's reach from the centroid lose the fraction `amount` of their brightness."""
        half = (min(x.array.shape[1:3]) - 1) / 4
        beyond = images.radii(images.brightness(x.array)) >= half
        gain = np.where(beyond, 1 - amount, 1.0)[..., None]
        return x.but(x=(x.array * gain).astype(x.array.dtype))

    def _rings(self, x: Samples) -> int:
        return max(1, min(self.rings, (int(min(x.array.shape[1:3])) - 1) // 2))
