"""Concentration: how much of a galaxy's light lies near its center."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.pictures.images import background, brightness, growth_radii, radii
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class Concentration:
    r"""$C = 5 \log_{10}(r_{80} / r_{20})$ of each picture's brightness plane.

    The radii hold 80 % and 20 % of the light above the background, which is the median of the picture's frame. All of
    the light is that of the largest circle about the centroid which the picture holds, not that of a Petrosian radius:
    compare such numbers among pictures of one field of view alone. An evenly lit disc has C = 1.51, a Gaussian 2.15, an
    exponential disc 2.80, each seen whole.

    References:
        The Relationship between Stellar Light Distributions of Galaxies and Their Formation Histories
        (Conselice, 2003), arXiv:astro-ph/0303065
    """

    accepts: ClassVar[tuple[str, ...]] = ("picture",)
    defect: ClassVar[str] = "{amount:.0%} less light within r20"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 1"]:
        """One number a picture."""
        inner, outer = growth_radii(brightness(x.array), (0.2, 0.8)).T
        return np.asarray(5 * np.log10(outer / inner)[:, None])

    def axis(self, x: Samples) -> Axis:
        """One number a picture, without unit."""
        return Axis("concentration 5 log10(r80/r20)")

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Pixels within r20 of the centroid lose the fraction `amount` of what they hold above the background.

        r20 is that of the unperturbed picture; a pixel lies within if its center does, and the nearest one always does.
        """
        plane = brightness(x.array)
        distance = radii(plane)
        nearest = distance.min(axis=(1, 2))
        inner = np.maximum(growth_radii(plane, (0.2,))[:, 0], nearest)
        core = (distance <= inner[:, None, None])[..., None]
        sky = np.stack([background(channel) for channel in np.moveaxis(x.array, -1, 0)], axis=-1)[:, None, None, :]
        above = np.maximum(x.array - sky, 0.0)
        return x.but(x=(x.array - amount * above * core).astype(x.array.dtype))
