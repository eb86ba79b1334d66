"""A material to be learned: where its volumes come from, how they are split, who judges, what stands beside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from simulacra.baselines.copycat import copycat
from simulacra.baselines.thresholded_gaussian import thresholded_gaussian
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.judging.base import Judge
from simulacra.running.split import Split
from simulacra.sources.base import Archive, Simulator
from simulacra.sources.materials.sphere_packing import SpherePacking
from simulacra.sources.materials.voxels import Voxels
from simulacra.statistics.materials.chord_lengths import ChordLengths
from simulacra.statistics.materials.euler_characteristic import EulerCharacteristic
from simulacra.statistics.materials.lineal_path import LinealPath
from simulacra.statistics.materials.percolation import Percolation
from simulacra.statistics.materials.surface_area import SurfaceArea
from simulacra.statistics.materials.two_point_probability import TwoPointProbability
from simulacra.statistics.materials.volume_fraction import VolumeFraction

REFERENCES = (
    "Three-dimensional microstructure generation using generative adversarial neural networks in the context of "
    "continuum micromechanics (Henkes & Wessels, 2022), arXiv:2206.01693",
    "Random heterogeneous materials (Torquato, 2002), ISBN 978-0-387-95167-6",
    "Lineal-path function for random heterogeneous materials (Lu & Torquato, 1992), doi:10.1103/PhysRevA.45.922",
    "A new three-dimensional modeling technique for studying porous media (Quiblier, 1984), "
    "doi:10.1016/0021-9797(84)90481-8",
)


@dataclass(frozen=True)
class Material:
    """Volumes of one law with all that a study of them needs but the model.

    Args:
        source: of the volumes.
        split: into training, validation and truth.
        size: voxels along a side.
        periodic: whether a volume goes on at its opposite face.
        made: whether it is the packing of spheres in its published size, of which verdicts are on record.
    """

    source: Simulator | Archive
    split: Split
    size: int
    periodic: bool
    made: bool = False

    @property
    def baselines(self) -> dict[str, Callable[[Samples], Simulator]]:
        """What costs no training: Gaussian fields cut into phases with equal two-point probability; and copies."""
        return {
            "thresholded Gaussian": partial(thresholded_gaussian, periodic=self.periodic),
            "copycat": copycat,
        }


def judges() -> dict[str, Judge]:
    """One point, two points, segments, chords; surface, topology, and what reaches across."""
    return {
        "volume fraction": Judge(VolumeFraction(), reach=0.004),
        "two-point probability": Judge(TwoPointProbability(), reach=0.004),
        "lineal path": Judge(LinealPath(), reach=0.0016),
        "lineal path of the matrix": Judge(LinealPath(phase=0), reach=0.0016),
        "chord lengths": Judge(ChordLengths(), reach=0.0016),
        "surface area": Judge(SurfaceArea(), reach=0.0016),
        "Euler characteristic": Judge(EulerCharacteristic(), reach=0.0008),
        "percolation": Judge(Percolation(), reach=0.08),
    }


def material(
    voxels: Path | None,
    size: int,
    radius: float | None,
    fraction: float,
    periodic: bool,
    threshold: float | None,
    spacing: float,
    length: str,
    train: int,
) -> Material:
    """The user's own stacks where some are given; else overlapping spheres.

    Args:
        voxels: a stack of images, a folder of them, or an array.
        size: voxels along a side of a volume.
        radius: of the spheres, in voxels; an eighth of the side if None.
        fraction: share of the volume that they pass.
        periodic: whether spheres that leave at one face come in at the other.
        threshold: gray value above which a voxel of a stack is of phase 1; None finds one.
        spacing: length of a voxel, in `length`.
        length: its unit.
        train: volumes of spheres to train on.
    """
    if size % 4 or size < 8:
        raise BadInput("volumes of 8, 12, 16 … voxels a side are learned", f"size={size}", "take size=32 or 64")
    if voxels is not None:
        own = Voxels(voxels, size, threshold, spacing, length)
        return Material(own, Split(train=60, validation=15, truth=25), size, False)
    if threshold is not None:
        raise BadInput("a threshold was given, but no stack", f"threshold={threshold}", "give --voxels FILE too")
    spheres = SpherePacking(size, size / 8 if radius is None else radius, fraction, periodic, spacing, length)
    published = (spheres.radius, fraction, periodic, size) == (4.0, 0.3, True, 32)
    return Material(spheres, Split(train=train, validation=200, truth=300), size, periodic, published)
