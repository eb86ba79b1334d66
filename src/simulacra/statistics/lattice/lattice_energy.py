"""Energy of a spin lattice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.lattice.spins import energy, spins_of, turned, weakening
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class LatticeEnergy:
    r"""Energy per site of each lattice, $-\sum_{\langle ij \rangle} s_i s_j / L^2$, in J."""

    accepts: ClassVar[tuple[str, ...]] = ("lattice",)
    defect: ClassVar[str] = "energy {amount:.1%} weaker, by spins turned over at random"
    amounts: ClassVar[tuple[float, ...]] = (0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 1"]:
        """The energy per site of each lattice."""
        return energy(spins_of(x))[:, None]

    def axis(self, x: Samples) -> Axis:
        """One number a lattice."""
        return Axis("energy per site, J")

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Spins turned over at random, so many that each lattice is expected to keep 1 - `amount` of its energy."""
        return turned(x, weakening(amount))
