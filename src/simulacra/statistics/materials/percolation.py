"""Percolation: how much of phase 1 hangs together from face to face, by direction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from scipy import ndimage

from simulacra.core.samples import Samples
from simulacra.domains.materials.volumes import lost, phases_of
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class Percolation:
    """The share of phase 1 in clusters that reach from one face of a volume to the opposite one, along each axis.

    Clusters are joined over the faces of voxels. The share is 0 where none reaches across: so its mean shows how often
    a material conducts along each axis, and how much of it takes part.

    References:
        Introduction to percolation theory (Stauffer & Aharony, 1994), ISBN 978-0-7484-0253-3
    """

    accepts: ClassVar[tuple[str, ...]] = ("volume",)
    defect: ClassVar[str] = "{amount:.1%} of phase 1 lost, voxel by voxel"
    amounts: ClassVar[tuple[float, ...]] = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 3"]:
        """The share along depth, height and width."""
        phases = phases_of(x)
        found = np.zeros((len(phases), 3))
        for i, volume in enumerate(phases):
            label, count = ndimage.label(volume)
            if not count:
                continue
            sizes = np.bincount(label.ravel(), minlength=count + 1)
            for axis in range(3):
                both = np.intersect1d(label.take(0, axis), label.take(-1, axis))
                found[i, axis] = sizes[both[both > 0]].sum() / sizes[1:].sum()
        return found

    def axis(self, x: Samples) -> Axis:
        """A number a direction, by name."""
        return Axis("share of phase 1 that reaches across", "direction", "1", ("depth", "height", "width"))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """This share of phase 1 turned to phase 0."""
        return lost(x, amount)
