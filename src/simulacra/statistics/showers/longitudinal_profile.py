"""Longitudinal profile: how a shower's energy is shared out among the layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.showers import cells as showers
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class LongitudinalProfile:
    """The share of a shower's energy in each layer."""

    accepts: ClassVar[tuple[str, ...]] = ("shower", "polar_shower")
    defect: ClassVar[str] = "{amount:.1%} of each layer's energy moved to the layer behind it"
    amounts: ClassVar[tuple[float, ...]] = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n layers"]:
        """The shares; they sum to 1."""
        energy = showers.layer_energies(x)
        return np.asarray(energy / np.maximum(energy.sum(axis=1, keepdims=True), 1e-9))

    def axis(self, x: Samples) -> Axis:
        """Shares over the layers, counted from 1."""
        layers = showers.shape_of(x)[0]
        return Axis("share of the energy", "layer", "1", tuple(float(i + 1) for i in range(layers)))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """A share of the layer before it added to each; the last one keeps all of its own."""
        before = np.concatenate([np.zeros_like(x.array[:, :1]), x.array[:, :-1]], axis=1)
        kept = np.full(x.array.shape[1], 1 - amount)
        kept[-1] = 1.0
        mixed = x.array * kept[:, None, None] + amount * before
        return x.but(x=mixed.astype(x.array.dtype))
