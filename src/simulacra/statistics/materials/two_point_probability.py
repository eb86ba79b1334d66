"""Two-point probability: how often two places at a distance lie both in phase 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.materials.correlation import by_distance, mean_distances
from simulacra.domains.materials.volumes import phases_of, spacing_of, turned
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class TwoPointProbability:
    r"""$S_2(r)$ of each volume from one voxel to half of its shortest side, over all directions.

    A volume is a window: pairs are counted within it alone, so periodic ones are read rightly too. Without correlation
    it is the square of the volume fraction; at short distances it falls by a quarter of the surface in a unit of
    volume.

    References:
        Random heterogeneous materials (Torquato, 2002), ISBN 978-0-387-95167-6
    """

    accepts: ClassVar[tuple[str, ...]] = ("volume",)
    defect: ClassVar[str] = "{amount:.2%} of the voxels in the other phase, at random"
    amounts: ClassVar[tuple[float, ...]] = (0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n distances"]:
        """The probability at each distance."""
        phases = phases_of(x)
        return by_distance(phases, longest(phases.shape))[:, 1:]

    def axis(self, x: Samples) -> Axis:
        """A curve over the distance."""
        spacing, length = spacing_of(x.unit)
        at = mean_distances(longest(phases_of(x[:1]).shape))[1:] * spacing
        return Axis("two-point probability S2 of phase 1", "distance", units(length), tuple(at.tolist()))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """This share of all voxels in the other phase."""
        return turned(x, amount)


def longest(shape: tuple[int, ...]) -> int:
    """Half of the shortest side: beyond it there are few pairs, and in a periodic box the same ones again."""
    return min(shape[1:]) // 2


def units(length: str) -> str:
    """The unit of a distance as an axis says it."""
    return "voxels" if length == "voxel" else length
