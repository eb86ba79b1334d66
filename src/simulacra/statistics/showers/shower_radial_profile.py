"""Radial profile of a shower: how its energy falls from the particle's line outwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.showers import cells as showers
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class ShowerRadialProfile:
    """The share of a shower's energy in rings about the middle, over all layers, logarithm to base 10.

    Rings are a cell wide, and the last one holds all beyond.

    Args:
        rings: how many; fewer where there are fewer cells.
    """

    accepts: ClassVar[tuple[str, ...]] = ("shower", "polar_shower")
    defect: ClassVar[str] = "energy outside the middle ring {amount:.1%} lower"
    amounts: ClassVar[tuple[float, ...]] = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    rings: int = 8

    def __call__(self, x: Samples) -> Float[np.ndarray, "n rings"]:
        """The logarithms of the shares; what is below a hundred-thousandth counts as that."""
        energy = showers.ring_energies(x, self.rings).sum(axis=1)
        share = energy / np.maximum(energy.sum(axis=1, keepdims=True), 1e-9)
        return np.asarray(np.log10(np.maximum(share, 1e-5)))

    def axis(self, x: Samples) -> Axis:
        """Over the rings' mean radii."""
        radii = showers.rings(x, self.rings)[1]
        return Axis("log10 of the share of the energy", "radius", "cells", tuple(radii.tolist()))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Cells outside the middle ring scaled down."""
        which = showers.rings(x, self.rings)[0].reshape(x.array.shape[2:])
        gain = np.where(which > 0, 1 - amount, 1.0)
        return x.but(x=(x.array * gain).astype(x.array.dtype))
