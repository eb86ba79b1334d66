"""Asymmetry: how unlike itself a galaxy is when turned by half a circle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.pictures.images import brightness, channel_backgrounds, moments
from simulacra.domains.sky.morphology import asymmetry
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class Asymmetry:
    r"""$A = \min_c \sum |I - I_{180}| / \sum |I| - A_\text{sky}$ of each picture's brightness plane.

    Within 1.5 Petrosian radii of the centroid, or as far as the picture reaches; c is the center that makes it
    smallest. What is the same when turned by half a circle has A = 0, but for noise.

    References:
        The Asymmetry of Galaxies: Physical Morphology for Nearby and High-Redshift Galaxies (Conselice et al., 2000),
        arXiv:astro-ph/9907399
    """

    accepts: ClassVar[tuple[str, ...]] = ("picture",)
    defect: ClassVar[str] = "{amount:.0%} less light on one side"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 1"]:
        """One number a picture."""
        return asymmetry(brightness(x.array))[:, None]

    def axis(self, x: Samples) -> Axis:
        """One number a picture, without unit."""
        return Axis("asymmetry")

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Right of the centroid pixels lose the fraction `amount` of what they hold above the background."""
        center = moments(brightness(x.array)).x
        right = (np.arange(x.array.shape[2]) > center[:, None])[:, None, :, None]
        above = np.maximum(x.array - channel_backgrounds(x.array), 0.0)
        return x.but(x=(x.array - amount * above * right).astype(x.array.dtype))
