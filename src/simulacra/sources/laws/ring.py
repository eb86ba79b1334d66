"""Eight narrow clusters on a circle: the smallest test of whether a generator loses any."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.domains.laws.modes import places_of


@dataclass(frozen=True)
class Ring:
    """Points of the plane about evenly spaced places on the unit circle; each sample is given its cluster's number.

    Args:
        clusters: how many.
        spread: standard deviation of a cluster, in both directions; the circle's radius is 1.

    References:
        PacGAN: the power of two samples in generative adversarial networks (Lin et al., 2018), arXiv:1712.04086
    """

    kind: ClassVar[str] = "vector"

    clusters: int = 8
    spread: float = 0.01

    def __post_init__(self) -> None:
        if self.clusters < 2:
            raise BadInput("a ring has two clusters or more", f"clusters={self.clusters}", "take clusters=8")
        if not 0 < self.spread < 1:
            raise BadInput("a cluster's spread lies between 0 and 1", f"spread={self.spread}", "take spread=0.01")

    def centers(self) -> Array:
        """The middle of each cluster, (clusters, 2)."""
        return places_of("ring", self.clusters)

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """Draw n points, (n, 2)."""
        which = rng.integers(self.clusters, size=n)
        x = self.centers()[which] + self.spread * rng.standard_normal((n, 2))
        return Samples.of(x, "vector", "1", repr(self), {"cluster": which})
