"""Response: how much of a particle's energy a calorimeter reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.showers import cells as showers
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class ShowerResponse:
    """All energy read in a shower over that of its particle; where no energy is given, its logarithm to base 10."""

    accepts: ClassVar[tuple[str, ...]] = ("shower", "polar_shower")
    defect: ClassVar[str] = "all energies {amount:.1%} higher"
    amounts: ClassVar[tuple[float, ...]] = (0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n one"]:
        """One number a shower."""
        whole = showers.layer_energies(x).sum(axis=1, keepdims=True)
        if "energy" in x.given:
            return np.asarray(whole / showers.incident(x)[:, None])
        return np.asarray(np.log10(np.maximum(whole, 1e-3)))

    def axis(self, x: Samples) -> Axis:
        """One number."""
        if "energy" in x.given:
            return Axis("response: energy read over the particle's")
        return Axis(f"log10 of all energy read, {x.unit}")

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Every cell scaled by one number."""
        return x.but(x=(x.array * (1 + amount)).astype(x.array.dtype))
