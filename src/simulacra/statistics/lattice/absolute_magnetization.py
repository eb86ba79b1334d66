"""Absolute magnetization of a spin lattice: the order parameter of its transition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.lattice.spins import defect_rng, magnetization, spins_of
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class AbsoluteMagnetization:
    """|m| of each lattice, the mean spin without its sign."""

    accepts: ClassVar[tuple[str, ...]] = ("lattice",)
    defect: ClassVar[str] = "{amount:.1%} of the spins against the majority turned to it"
    amounts: ClassVar[tuple[float, ...]] = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 1"]:
        """|m| of each lattice."""
        return np.asarray(np.abs(magnetization(spins_of(x)))[:, None])

    def axis(self, x: Samples) -> Axis:
        """One number a lattice."""
        return Axis("absolute magnetization per site |m|")

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Each spin against its lattice's majority turned with probability `amount`: |m| grows by amount (1 - |m|)."""
        spins = spins_of(x)
        majority = np.where(magnetization(spins) < 0, -1, 1).astype(np.int8)[:, None, None]
        turn = (spins != majority) & (defect_rng().random(spins.shape) < amount)
        return x.but(x=np.where(turn, majority, spins))
