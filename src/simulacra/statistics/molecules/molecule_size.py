"""Size of molecules: how many atoms each has, and how far they spread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.molecules.atoms import filled, places, sizes
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class MoleculeSize:
    """The number of atoms, hydrogens too, and the root mean square of their distance from the middle, Å."""

    accepts: ClassVar[tuple[str, ...]] = ("molecule",)
    defect: ClassVar[str] = "molecules larger by {amount:.0%}"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 2"]:
        """Two numbers a molecule."""
        here, count = filled(x.array)[..., None], sizes(x.array)
        where = places(x.array).astype(np.float64) * here
        middle = where.sum(axis=1, keepdims=True) / count[:, None, None]
        square = (((where - middle) * here) ** 2).sum(axis=(1, 2)) / count
        return np.column_stack([count, np.sqrt(square)]).astype(np.float64)

    def axis(self, x: Samples) -> Axis:
        """Numbers of different sorts, by name and unit."""
        return Axis("size", "size", "1", ("atoms", "radius of gyration, Å"))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """All places stretched by this share."""
        values = x.array.copy()
        values[..., 1:] *= 1 + amount
        return x.but(x=values.astype(x.array.dtype))
