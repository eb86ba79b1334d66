"""Centers and widths: where a shower lies in each layer, and how broad it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float, Int

from simulacra.core.samples import Samples
from simulacra.domains.showers import cells as showers
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class ShowerCenters:
    """In each part of the depth both coordinates of the energy's center, and its width along one direction, in cells.

    A layer's center and width are weighed with its energy; a dark part has zeros.

    Args:
        parts: of the depth, of equal thickness; fewer where there are fewer layers.
    """

    accepts: ClassVar[tuple[str, ...]] = ("shower", "polar_shower")
    defect: ClassVar[str] = "energy outside the middle ring {amount:.1%} lower"
    amounts: ClassVar[tuple[float, ...]] = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    parts: int = 25

    def __call__(self, x: Samples) -> Float[np.ndarray, "n features"]:
        """Centers along the rows, along the columns, and widths."""
        energy, *about = showers.moments(x)
        ends = self._ends(x)
        whole = np.maximum(np.add.reduceat(energy, ends, axis=1), 1e-9)
        return np.concatenate([np.add.reduceat(energy * what, ends, axis=1) / whole for what in about], axis=1)

    def axis(self, x: Samples) -> Axis:
        """Named numbers."""
        count = len(self._ends(x))
        named = tuple(f"{what} {i + 1}" for what in ("row", "column", "width") for i in range(count))
        return Axis("center and width in each part of the depth, cells", "part", "1", named)

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Cells outside the middle ring scaled down: narrower showers."""
        which = showers.rings(x, 2)[0].reshape(x.array.shape[2:])
        gain = np.where(which > 0, 1 - amount, 1.0)
        return x.but(x=(x.array * gain).astype(x.array.dtype))

    def _ends(self, x: Samples) -> Int[np.ndarray, " parts"]:
        layers = showers.shape_of(x)[0]
        return np.linspace(0, layers, min(self.parts, layers) + 1).round().astype(int)[:-1]
