"""Size and magnitude of galaxies: how large they are, and how that goes with their light and color."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.photometry.catalog_rows import MAGNITUDE, RADIUS, stars
from simulacra.statistics.base import Axis

RED = MAGNITUDE + 2
USUAL = np.log(0.8)
"""Of the half-light radius, arc seconds."""


@dataclass(frozen=True)
class SizeMagnitude:
    """Of each galaxy the logarithm of its half-light radius, that times its magnitude, and times its g − r; stars 0."""

    accepts: ClassVar[tuple[str, ...]] = ("catalog",)
    defect: ClassVar[str] = "every galaxy {amount:.0%} larger"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 4"]:
        """Size, size squared, size times magnitude, size times color; each less what is usual."""
        star = stars(x.array)
        size = np.where(star, 0.0, np.log(np.where(star, 1.0, x.array[:, RADIUS])) - USUAL)
        bright, red = x.array[:, MAGNITUDE] - 21.0, x.array[:, RED] - 0.8
        return np.column_stack([size, size**2, size * bright, size * red]).astype(np.float64)

    def axis(self, x: Samples) -> Axis:
        """By what the size goes with."""
        at = ("log(R / 0.8″)", "log² R", "log R × (r − 21)", "log R × (g − r − 0.8)")
        return Axis("logarithm of the half-light radius, and products", "number", "1", at)

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Radii of all galaxies times 1 + `amount`."""
        out = x.array.copy()
        out[:, RADIUS] *= 1 + amount
        return x.but(x=out)
