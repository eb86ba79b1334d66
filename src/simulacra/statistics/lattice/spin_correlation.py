"""Two-point correlation of spins, by distance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.lattice.spins import spins_of, turned, weakening
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class SpinCorrelation:
    r"""$\langle s_i s_{i+r} \rangle$ of each lattice for r = 1 … L/2 along both axes, averaged over sites and axes.

    Not connected: below the transition it stays near m² at large r.
    """

    accepts: ClassVar[tuple[str, ...]] = ("lattice",)
    defect: ClassVar[str] = "correlations {amount:.1%} weaker at every distance"
    amounts: ClassVar[tuple[float, ...]] = (0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n distances"]:
        """The correlation of each lattice at each distance."""
        spins = spins_of(x)
        size = spins.shape[1]
        # by the theorem of Wiener and Khinchin along each axis; the other axis is averaged
        both = np.zeros((len(spins), size // 2))
        for axis in (1, 2):
            power = (np.abs(np.fft.rfft(spins, axis=axis)) ** 2).mean(axis=3 - axis)
            both += np.fft.irfft(power, n=size, axis=1)[:, 1 : size // 2 + 1]
        return np.asarray(both / (2 * size))

    def axis(self, x: Samples) -> Axis:
        """A curve over the distance, in sites."""
        size = spins_of(x).shape[1]
        return Axis("spin correlation", "distance", "sites", tuple(float(r) for r in range(1, size // 2 + 1)))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Spins turned over at random, so many that 1 - `amount` of each correlation is expected to be left."""
        return turned(x, weakening(amount))
