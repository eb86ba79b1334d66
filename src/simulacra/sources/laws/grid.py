"""Twenty-five narrow clusters on a square grid: more to lose than on a ring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.domains.laws.modes import places_of


@dataclass(frozen=True)
class Grid:
    """Points of the plane about the places of a square grid, two apart; each sample is given its cluster's number.

    Args:
        side: clusters along a side.
        spread: standard deviation of a cluster, in both directions; neighbors are 2 apart.

    References:
        PacGAN: the power of two samples in generative adversarial networks (Lin et al., 2018), arXiv:1712.04086
    """

    kind: ClassVar[str] = "vector"

    side: int = 5
    spread: float = 0.05

    def __post_init__(self) -> None:
        if self.side < 2:
            raise BadInput("a grid has two clusters a side or more", f"side={self.side}", "take side=5")
        if not 0 < self.spread < 2:
            raise BadInput("a cluster's spread lies between 0 and 2", f"spread={self.spread}", "take spread=0.05")

    def centers(self) -> Array:
        """The middle of each cluster, (side², 2)."""
        return places_of("grid", self.side**2)

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """Draw n points, (n, 2)."""
        which = rng.integers(self.side**2, size=n)
        x = self.centers()[which] + self.spread * rng.standard_normal((n, 2))
        return Samples.of(x, "vector", "1", repr(self), {"cluster": which})
