"""Layer correlations: whether parts of a shower that go together in truth do so here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Array, Samples
from simulacra.domains.showers import cells as showers
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class LayerCorrelations:
    """Products of the energy's shares in neighboring parts of the depth, two at a time, parts of equal thickness.

    With the means of the shares, which other judges see, the mean of a product is a correlation.

    Args:
        parts: of the depth; fewer where there are fewer layers.
    """

    accepts: ClassVar[tuple[str, ...]] = ("shower", "polar_shower")
    defect: ClassVar[str] = "shares {amount:.1%} nearer to their mean over all showers"
    amounts: ClassVar[tuple[float, ...]] = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    parts: int = 5

    def __call__(self, x: Samples) -> Float[np.ndarray, "n pairs"]:
        """A product for each pair of parts, a part with itself among them, in units of equal shares."""
        share, one, other = self._shares(x)
        return np.asarray(share[:, one] * share[:, other])

    def axis(self, x: Samples) -> Axis:
        """Named pairs."""
        _, one, other = self._shares(x[:1])
        named = tuple(f"{a + 1} × {b + 1}" for a, b in zip(one.tolist(), other.tolist(), strict=True))
        return Axis("product of the shares in two parts of the depth", "parts, from the front", "1", named)

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Each layer's energy brought nearer to the mean share of all showers, each shower's energy kept."""
        energy = showers.layer_energies(x)
        share = energy / np.maximum(energy.sum(axis=1, keepdims=True), 1e-9)
        nearer = (1 - amount) * share + amount * share.mean(axis=0)
        gain = np.where(share > 0, nearer / np.where(share > 0, share, 1.0), 1.0)
        return x.but(x=(x.array * gain[:, :, None, None]).astype(x.array.dtype))

    def _shares(self, x: Samples) -> tuple[Float[np.ndarray, "n parts"], Array, Array]:
        energy = showers.layer_energies(x)
        parts = min(self.parts, energy.shape[1])
        ends = np.linspace(0, energy.shape[1], parts + 1).round().astype(int)[:-1]
        share = np.add.reduceat(energy, ends, axis=1) / np.maximum(energy.sum(axis=1, keepdims=True), 1e-9)
        one, other = np.triu_indices(parts)
        return share * parts, one, other
