"""M20: how far out a galaxy's brightest fifth of light lies; knots, arms and second nuclei raise it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.pictures.images import brightness, channel_backgrounds, growth_radii, moments
from simulacra.domains.sky.morphology import above_sky, m20, of_galaxy
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class M20:
    r"""$\log_{10}(M_{20} / M_\text{all})$ of the galaxy's own pixels in each picture's brightness plane.

    M is the second moment of light about its center, of all of it or of its brightest fifth. The galaxy's own pixels
    are those of `gini`. A Gaussian has about -1.8, one knot in place of all less.

    References:
        A New Nonparametric Approach to Galaxy Morphological Classification (Lotz et al., 2004), arXiv:astro-ph/0311352
    """

    accepts: ClassVar[tuple[str, ...]] = ("picture",)
    defect: ClassVar[str] = "{amount:.1%} of the light in a knot at the half-light radius"
    amounts: ClassVar[tuple[float, ...]] = (0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 1"]:
        """One number a picture."""
        plane = brightness(x.array)
        return m20(above_sky(plane), of_galaxy(plane))[:, None]

    def axis(self, x: Samples) -> Axis:
        """One number a picture, without unit."""
        return Axis("M20, log10 of second moments")

    def perturb(self, x: Samples, amount: float) -> Samples:
        """The fraction `amount` of the light above the background is put in one pixel on the centroid's row."""
        plane = brightness(x.array)
        n, height, width = plane.shape
        center, radius = moments(plane), growth_radii(plane, (0.5,))[:, 0]
        row = np.clip(np.rint(center.y), 0, height - 1).astype(int)
        column = np.clip(np.rint(center.x + radius), 0, width - 1).astype(int)
        above = np.maximum(x.array - channel_backgrounds(x.array), 0.0).astype(np.float64)
        found = x.array - amount * above
        found[np.arange(n), row, column] += amount * above.sum(axis=(1, 2))
        return x.but(x=found.astype(x.array.dtype))
