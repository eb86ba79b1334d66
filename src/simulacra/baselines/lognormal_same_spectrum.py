"""Lognormal fields with the same spectrum: exponentials of a Gaussian, with the training fields' moments and power."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.sky.lognormal import gaussian_beneath, root_of_skewness, sky_power
from simulacra.sources.base import Simulator


def lognormal_same_spectrum(train: Samples, sides: int = 1) -> Simulator:
    r"""Shifted lognormal fields with the training fields' mean, variance, skewness and correlation at every distance.

    $\kappa = m + s\,(e^{g - \sigma^2/2} - 1)$. Skewness gives $\sigma$, the variance $s$, and the covariance $\xi$ at
    each distance that of the Gaussian field g: $\log(1 + \xi / s^2)$. It has one number more than a Gaussian field, and
    is what surveys use in place of simulations.

    Args:
        train: fields, (n, size, size).
        sides: width of the periodic sky that is drawn, in sides of a map: 1 where the maps are periodic themselves, 2
            where they are windows of a larger sky.

    References:
        A lognormal model for the cosmological mass distribution (Coles & Jones, 1991), MNRAS 248, 1
        Cosmic shear covariance: the log-normal approximation (Hilbert, Hartlap & Schneider, 2011), arXiv:1105.3980
        Improving lognormal models for cosmological fields (Xavier, Abdalla & Joachimi, 2016), arXiv:1602.08503
    """
    if train.kind != "field" or len(train) < 2 or sides < 1:
        raise BadInput(
            "a lognormal law can be fitted to two fields or more, on a sky of one side of them or more",
            f"{len(train)} samples of kind {train.kind!r}, sides={sides}",
            "take another baseline, such as pca",
        )
    fields = train.array
    mean = float(fields.mean(dtype=np.float64))
    away = fields.astype(np.float64) - mean
    spread = float(np.sqrt(np.square(away).mean()))
    if not spread > 0:
        raise BadInput("these fields are constant", f"all pixels {mean:g}", "bring fields that vary")
    root = root_of_skewness(float((away**3).mean()) / spread**3)
    shift = spread / root
    power, cut = gaussian_beneath(sky_power(fields, mean, sides), shift)
    return LognormalSameSpectrum(train, mean, shift, np.sqrt(power), cut)


@dataclass(frozen=True, repr=False, eq=False)
class LognormalSameSpectrum:
    r"""Stationary fields $m + s\,(e^{g - \sigma^2/2} - 1)$ of a Gaussian field g of given power.

    Args:
        train: the fields that they imitate.
        mean: m, in the fields' unit.
        shift: s, in the fields' unit; the lowest value is m - s. Negative for a long lower tail.
        amplitude: root of the power of g at each mode of the sky, (sides · size, sides · size).
        cut: share of the power of g that came out negative and was set to 0.
    """

    train: Samples
    mean: float
    shift: float
    amplitude: Float[np.ndarray, "R C"]
    cut: float = 0.0

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """Draw n independent fields: a corner of a sky each."""
        height, width = self.train.array.shape[1:]
        variance = float(np.square(self.amplitude).mean())
        fields = np.empty((n, height, width), dtype=self.train.array.dtype)
        step = max(1, 2**22 // self.amplitude.size)
        for start in range(0, n, step):
            white = np.fft.fft2(rng.standard_normal((min(step, n - start), *self.amplitude.shape)))
            g = np.fft.ifft2(white * self.amplitude).real[:, :height, :width]
            fields[start : start + step] = self.mean + self.shift * np.expm1(g - variance / 2)
        origin = (
            f"lognormal fields with mean, variance, skewness and power of {len(self.train)} training samples: "
            f"{self.train.origin}"
        )
        return Samples.of(fields, "field", self.train.unit, origin)

    def __repr__(self) -> str:
        return f"LognormalSameSpectrum({self.train!r})"
