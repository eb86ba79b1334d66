"""Sparsity: how many cells a shower lights."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Array, Samples
from simulacra.domains.showers import cells as showers
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class ShowerSparsity:
    """The share of cells in which anything was read, in parts of the depth of equal thickness.

    Args:
        parts: of the depth; fewer where there are fewer layers.
    """

    accepts: ClassVar[tuple[str, ...]] = ("shower", "polar_shower")
    defect: ClassVar[str] = "{amount:.1%} of the lit cells, the faintest of each shower, dark"
    amounts: ClassVar[tuple[float, ...]] = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    parts: int = 5

    def __call__(self, x: Samples) -> Float[np.ndarray, "n parts"]:
        """The shares."""
        share = showers.lit(x)
        ends = np.linspace(0, share.shape[1], min(self.parts, share.shape[1]) + 1).round().astype(int)
        return np.stack([share[:, a:b].mean(axis=1) for a, b in itertools.pairwise(ends)], axis=1)

    def axis(self, x: Samples) -> Axis:
        """Shares over the middles of the parts, in layers counted from 1."""
        layers = showers.shape_of(x)[0]
        ends = np.linspace(0, layers, min(self.parts, layers) + 1).round()
        return Axis("share of lit cells", "layer", "1", tuple(((ends[1:] + ends[:-1] + 1) / 2).tolist()))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """The faintest lit cells of each shower put to zero."""
        return x.but(x=without_faintest(x.array, amount))


def without_faintest(x: Array, amount: float) -> Array:
    """The cells with this share of each shower's lit ones, the faintest, put to zero."""
    flat = x.reshape(len(x), -1).copy()
    for row in flat:
        bright = np.flatnonzero(row > 0)
        gone = round(amount * len(bright))
        if gone:
            row[bright[np.argpartition(row[bright], gone - 1)[:gone]]] = 0
    return flat.reshape(x.shape)
