"""A sky of lensing maps to be learned: where they come from, how they are split, who judges, what stands beside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from simulacra.baselines.copycat import copycat
from simulacra.baselines.gaussian_same_spectrum import gaussian_same_spectrum
from simulacra.baselines.lognormal_same_spectrum import lognormal_same_spectrum
from simulacra.core import data
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.judging.base import Judge
from simulacra.running.split import Split
from simulacra.sources.base import Archive, Simulator
from simulacra.sources.sky.lensing_planes import NAME, SIDE, LensingPlanes
from simulacra.sources.sky.lognormal_field import LognormalField
from simulacra.statistics.pictures.pixel_histogram import PixelHistogram
from simulacra.statistics.sky.bispectrum import Bispectrum
from simulacra.statistics.sky.coarse_map import CoarseMap
from simulacra.statistics.sky.minkowski_functionals import MinkowskiFunctionals
from simulacra.statistics.sky.peak_counts import PeakCounts
from simulacra.statistics.sky.power_spectrum import PowerSpectrum

Where = Literal["found", "planes", "lognormal"]
DEGREES = 3.5  # a side of a plane
FEWEST = 8  # regions along a side of a plane: about 25 for truth
AMPLITUDE, SLOPE = 0.7, -2.0  # of the lognormal sky

REFERENCES = (
    "CosmoGAN: creating high-fidelity weak lensing convergence maps using generative adversarial networks "
    "(Mustafa et al., 2019), arXiv:1706.02390",
    "Mocking the weak lensing universe: the LensTools Python computing package (Petri, 2016), arXiv:1606.01903",
    "Improving lognormal models for cosmological fields (Xavier, Abdalla & Joachimi, 2016), arXiv:1602.08503",
)


@dataclass(frozen=True)
class Sky:
    """Maps of one law with all that a study of them needs but the model.

    Args:
        source: of the maps.
        split: into training, validation and truth.
        box: a side of a map, in `length`.
        length: "rad", so that wavenumbers are multipoles; or "Mpc/h".
        sides: width of the sky that a map is a window of, in sides of a map; 1 where maps are periodic.
        stated: a sentence where the maps are not those that one would expect; empty otherwise.
    """

    source: Simulator | Archive
    split: Split
    box: float
    length: str
    sides: int
    stated: str = ""

    @property
    def simulated(self) -> bool:
        """Whether the maps are those of an N-body simulation."""
        return isinstance(self.source, Archive)

    @property
    def judges(self) -> dict[str, Judge]:
        """Who judges maps."""
        return judges(self.box, self.length)

    @property
    def baselines(self) -> dict[str, Callable[[Samples], Simulator]]:
        """What costs no training: fields with the same spectrum, Gaussian and lognormal; and copies."""
        return {
            "same spectrum": partial(gaussian_same_spectrum, sides=self.sides),
            "lognormal": partial(lognormal_same_spectrum, sides=self.sides),
            "copycat": copycat,
        }

    def asks(self, question: str) -> str:
        """The question, with the sentence about the maps."""
        return f"{question} {self.stated}".rstrip()


def judges(box: float, length: str) -> dict[str, Judge]:
    """Pixels, power (mean; variance and covariance through its covariance view), peaks, topology, triangles, places."""
    return {
        "pixel distribution": Judge(PixelHistogram(), reach=0.16),
        "power spectrum": Judge(PowerSpectrum(box, length=length), reach=0.32),
        "peak counts": Judge(PeakCounts(), reach=0.32),
        "Minkowski functionals": Judge(MinkowskiFunctionals(), reach=0.16),
        "bispectrum": Judge(Bispectrum(box, length=length), reach=0.16),
        "coarse map": Judge(CoarseMap(), reach=0.4),
    }


def sky(where: Where, size: int, redshift: float, maps: int) -> Sky:
    """Convergence maps from N-body planes, or lognormal fields.

    Args:
        where: "planes", "lognormal", or "found": the planes where SIMULACRA_DATA has them.
        size: pixels along a side of a map.
        redshift: of the sources behind the planes.
        maps: from planes, of each region of the sky; the planes are cut into as many regions as fit.

    Raises:
        BadInput: where maps from planes are so large that too few regions are left.
    """
    there = any((folder / NAME).is_file() for folder in data.folders())
    if where == "planes" or (where == "found" and there):
        regions = min(16, 2 ** int(np.log2(max(1, SIDE // size))))
        if regions < FEWEST:
            raise BadInput(
                "the planes hold too few regions of this size to judge by",
                f"size={size}: {regions**2} regions for training, validation and truth together",
                "take size=64 or less, or source=lognormal",
            )
        planes = LensingPlanes(size=size, regions=regions, maps=maps, redshift=redshift)
        # half of the sky to learn from; a judge sees one map of each region, and wants many regions
        split = Split(train=50, validation=15, truth=35)
        return Sky(planes, split, float(np.deg2rad(DEGREES * size / SIDE)), "rad", 2)
    field = LognormalField(
        size=size, amplitude_low=AMPLITUDE, amplitude_high=AMPLITUDE, slope_low=SLOPE, slope_high=SLOPE
    )
    stated = "" if where == "lognormal" else f"({NAME} is not in SIMULACRA_DATA: these are lognormal fields instead.)"
    return Sky(field, Split(train=4000, validation=500, truth=1000), field.box, "Mpc/h", 1, stated)
