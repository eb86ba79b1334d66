"""Cell spectrum: how many cells of a shower read how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.showers import cells as showers
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class CellSpectrum:
    """The share of a shower's lit cells in each bin of the logarithm of their energy; the ends hold all beyond.

    Args:
        bins: from `lowest` to `highest`, of equal width.
        lowest: log10 of an energy in the cells' unit.
        highest: log10 of an energy in the cells' unit.
    """

    accepts: ClassVar[tuple[str, ...]] = ("shower", "polar_shower")
    defect: ClassVar[str] = "cells {amount:.1%} nearer in their logarithm to the shower's mean"
    amounts: ClassVar[tuple[float, ...]] = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    bins: int = 14
    lowest: float = 0.5
    highest: float = 4.0

    def __call__(self, x: Samples) -> Float[np.ndarray, "n bins"]:
        """The shares; zeros for a shower without light."""
        count = showers.spectrum(x, np.linspace(self.lowest, self.highest, self.bins + 1))
        return np.asarray(count / np.maximum(count.sum(axis=1, keepdims=True), 1.0))

    def axis(self, x: Samples) -> Axis:
        """Shares over the bins' middles."""
        edges = np.linspace(self.lowest, self.highest, self.bins + 1)
        at = 10 ** ((edges[1:] + edges[:-1]) / 2)
        return Axis("share of lit cells in a bin", "energy in a cell", str(x.unit), tuple(at.tolist()), log=True)

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Logarithms of lit cells drawn together about each shower's mean logarithm."""
        spoiled = np.zeros_like(x.array)
        for at, cells in showers.chunks(x):
            bright = cells > 0
            log = np.log(np.where(bright, cells, 1.0))
            mean = log.sum(axis=(1, 2), keepdims=True) / np.maximum(bright.sum(axis=(1, 2), keepdims=True), 1)
            moved = np.where(bright, np.exp((1 - amount) * log + amount * mean), 0.0)
            spoiled[at] = moved.reshape(spoiled[at].shape).astype(x.array.dtype)
        return x.but(x=spoiled)
