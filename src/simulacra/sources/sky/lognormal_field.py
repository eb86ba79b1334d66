"""Lognormal random fields with an amplitude and a slope: skies whose cosmology is known, and asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.sky.fields import wavenumbers


@dataclass(frozen=True)
class LognormalField:
    r"""Periodic fields $\delta = e^{g - \sigma^2/2} - 1$ of a Gaussian field g with a power law for its spectrum.

    The power of g is proportional to $k^\text{slope}$ and its variance is $\sigma^2$. These are density contrasts: mean
    0, never below -1. Each sample has an amplitude $\sigma$ and a slope of its own, evenly drawn from their ranges, and
    is given both: a stand-in for maps at many cosmologies.

    Args:
        size: pixels along a side.
        box: length of a side, Mpc/h.
        amplitude_low: smallest standard deviation of g.
        amplitude_high: largest.
        slope_low: steepest logarithmic slope of the power of g.
        slope_high: shallowest.

    References:
        A lognormal model for the cosmological mass distribution (Coles & Jones, 1991), MNRAS 248, 1
    """

    kind: ClassVar[str] = "field"

    size: int = 32
    box: float = 100.0
    amplitude_low: float = 0.5
    amplitude_high: float = 1.0
    slope_low: float = -2.5
    slope_high: float = -1.5

    def __post_init__(self) -> None:
        if self.size < 2:
            raise BadInput("a field needs two pixels a side or more", f"size={self.size}", "take size=16 or more")
        if not (self.box > 0 and np.isfinite(self.box)):
            raise BadInput("a field's side must have a positive length", f"box={self.box}", "give it in Mpc/h")
        for name, low, high in (
            ("amplitude", self.amplitude_low, self.amplitude_high),
            ("slope", self.slope_low, self.slope_high),
        ):
            if not (np.isfinite(low) and np.isfinite(high) and low <= high):
                raise BadInput(f"the range of the {name} is empty", f"{low} … {high}", "give the smaller number first")
        if self.amplitude_low <= 0:
            raise BadInput("an amplitude is positive", f"amplitude_low={self.amplitude_low}", "take 0.5")

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """Draw n independent fields, (n, size, size), given their amplitude and slope."""
        amplitude = rng.uniform(self.amplitude_low, self.amplitude_high, n)
        slope = rng.uniform(self.slope_low, self.slope_high, n)
        k = wavenumbers(self.size, self.box)
        steep = np.where(k > 0, np.maximum(k, 1 / self.box), np.inf) ** slope[:, None, None]
        power = np.where(k > 0, steep, 0.0)
        power *= amplitude[:, None, None] ** 2 / power.mean(axis=(1, 2), keepdims=True)
        white = np.fft.fft2(rng.standard_normal((n, self.size, self.size)))
        g = np.fft.ifft2(white * np.sqrt(power)).real
        field = np.expm1(g - amplitude[:, None, None] ** 2 / 2)
        given = {"amplitude": amplitude, "slope": slope}
        return Samples.of(field.astype(np.float32), "field", "1", repr(self), given)
