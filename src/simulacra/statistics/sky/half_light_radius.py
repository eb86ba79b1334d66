"""Half-light radius: how large a galaxy is in its picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from scipy.interpolate import make_interp_spline

from simulacra.core.samples import Samples
from simulacra.domains.pictures.images import brightness, growth_radii
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class HalfLightRadius:
    """The radius of the circle about the centroid that holds half of the light of each picture's brightness plane.

    The light is what lies above the median of the picture's frame, in the largest circle about the centroid which the
    picture holds, as for `concentration`. The brightness of color pictures is stretched, which makes galaxies larger.
    """

    accepts: ClassVar[tuple[str, ...]] = ("picture",)
    defect: ClassVar[str] = "galaxies {amount:.0%} larger"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 1"]:
        """One number a picture, pixels."""
        return growth_radii(brightness(x.array), (0.5,))

    def axis(self, x: Samples) -> Axis:
        """One number a picture."""
        return Axis("half-light radius, pixels")

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Pictures enlarged by 1 + `amount` about their middle, through cubic splines; what leaves them is lost.

        Not clipped to 0…1, which splines may leave by a little at sharp edges.
        """
        down, right = (_stretch(side, amount) for side in x.array.shape[1:3])
        found = np.einsum("ij,kl,njlc->nikc", down, right, x.array, optimize=True)
        return x.but(x=found.astype(x.array.dtype))


def _stretch(side: int, amount: float) -> Float[np.ndarray, "side side"]:
    """The matrix that stretches a row about its middle."""
    place = np.arange(side) - (side - 1) / 2
    return np.asarray(make_interp_spline(place, np.eye(side), k=min(3, side - 1))(place / (1 + amount)))
