"""Layer energies: how much is read in each layer of a calorimeter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.showers import cells as showers
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class LayerEnergies:
    """The logarithm to base 10 of the energy in each layer, MeV; what is below 1 MeV counts as 1."""

    accepts: ClassVar[tuple[str, ...]] = ("shower", "polar_shower")
    defect: ClassVar[str] = "every fourth layer reading {amount:.1%} too much"
    amounts: ClassVar[tuple[float, ...]] = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n layers"]:
        """The logarithms."""
        return np.asarray(np.log10(np.maximum(showers.layer_energies(x), 1.0)))

    def axis(self, x: Samples) -> Axis:
        """Logarithms over the layers, counted from 1."""
        layers = showers.shape_of(x)[0]
        return Axis(f"log10 of the energy, {x.unit}", "layer", "1", tuple(float(i + 1) for i in range(layers)))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Layers 1, 5, 9 … scaled up."""
        gain = np.where(np.arange(x.array.shape[1]) % 4 == 0, 1 + amount, 1.0)
        return x.but(x=(x.array * gain[:, None, None]).astype(x.array.dtype))
