"""Gini: how unevenly a galaxy's light is spread over its pixels, wherever they lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.pictures.images import brightness
from simulacra.domains.sky.morphology import above_sky, gini, of_galaxy
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class Gini:
    """The Gini coefficient of the galaxy's own pixels in each picture's brightness plane, 0 (even) … 1 (one pixel).

    A pixel is the galaxy's own if, smoothed by a fifth of the Petrosian radius, it is as bright as the ring at that
    radius, and lies within 1.5 such radii.

    References:
        A New Nonparametric Approach to Galaxy Morphological Classification (Lotz et al., 2004), arXiv:astro-ph/0311352
    """

    accepts: ClassVar[tuple[str, ...]] = ("picture",)
    defect: ClassVar[str] = "light evened out over the galaxy by {amount:.0%}"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 1"]:
        """One number a picture."""
        plane = brightness(x.array)
        return gini(above_sky(plane).reshape(len(plane), -1), of_galaxy(plane).reshape(len(plane), -1))[:, None]

    def axis(self, x: Samples) -> Axis:
        """One number a picture, without unit."""
        return Axis("Gini coefficient")

    def perturb(self, x: Samples, amount: float) -> Samples:
        """In the galaxy's own pixels, brightness goes the fraction `amount` of the way to its mean, in each channel."""
        mask = of_galaxy(brightness(x.array))[..., None]
        mean = (x.array * mask).sum(axis=(1, 2), keepdims=True, dtype=np.float64) / mask.sum(axis=(1, 2), keepdims=True)
        return x.but(x=(x.array + amount * mask * (mean - x.array)).astype(x.array.dtype))
