"""Magnetization of a spin lattice, with its sign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.lattice.spins import defect_rng, magnetization, spins_of
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class Magnetization:
    """Mean spin m of each lattice: a generator that forgets one of the two signs is seen here."""

    accepts: ClassVar[tuple[str, ...]] = ("lattice",)
    defect: ClassVar[str] = "{amount:.1%} of the states of negative magnetization turned to positive"
    amounts: ClassVar[tuple[float, ...]] = (0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.0)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 1"]:
        """The mean spin of each lattice."""
        return magnetization(spins_of(x))[:, None]

    def axis(self, x: Samples) -> Axis:
        """One number a lattice."""
        return Axis("magnetization per site m")

    def perturb(self, x: Samples, amount: float) -> Samples:
        """The fraction `amount` of the states of negative magnetization turned over as a whole."""
        spins = spins_of(x).copy()
        negative = defect_rng().permutation(np.flatnonzero(magnetization(spins) < 0))
        spins[negative[: round(amount * len(negative))]] *= -1
        return x.but(x=spins)
