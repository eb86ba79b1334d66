"""Resolution: how far the energy that a calorimeter reads lies from the particle's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.showers import cells as showers
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class ShowerResolution:
    r"""$(E_\text{read} - E)/\sqrt{E}$ and its square, E in GeV: the mean of the second is the stochastic term's square.

    Where no energy is given, the logarithm of what was read, and the square of that.

    References:
        Review of Particle Physics (Workman et al., 2022), doi:10.1093/ptep/ptac097, section 35.10
    """

    accepts: ClassVar[tuple[str, ...]] = ("shower", "polar_shower")
    defect: ClassVar[str] = "energies in turn {amount:.1%} too high and too low"
    amounts: ClassVar[tuple[float, ...]] = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n two"]:
        """The distance and its square."""
        read = showers.layer_energies(x).sum(axis=1)
        true = showers.incident(x)
        if "energy" in x.given:
            far = (read - true) / showers.GEV / np.sqrt(true / showers.GEV)
        else:
            far = np.log10(np.maximum(read, 1e-3))
        return np.stack([far, far**2], axis=1)

    def axis(self, x: Samples) -> Axis:
        """Named numbers."""
        return Axis("energy read less the particle's, over its square root, √GeV", "power", "1", ("distance", "square"))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Every second shower scaled up, the others down."""
        sign = np.where(np.arange(len(x)) % 2, 1.0, -1.0)
        gain = (1 + amount * sign).reshape(-1, *[1] * (x.array.ndim - 1))
        return x.but(x=(x.array * gain).astype(x.array.dtype))
