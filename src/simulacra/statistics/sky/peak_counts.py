"""Peak counts: how many maxima of each height a map has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.sky.excursions import peaks
from simulacra.statistics.base import Axis

EDGES = (-np.inf, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, np.inf)
MIDDLES = (0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3.25)  # where the classes are drawn


@dataclass(frozen=True)
class PeakCounts:
    """Pixels higher than their eight neighbors, counted by height in standard deviations of the map about its mean.

    Counts per 1,000 pixels in seven classes of height, the first and the last open. High peaks are clusters of
    galaxies: they tell of the amplitude of the mass distribution beyond its spectrum.

    References:
        Cosmology with peaks in weak lensing maps (Dietrich & Hartlap, 2010), arXiv:0906.3512
    """

    accepts: ClassVar[tuple[str, ...]] = ("field",)
    defect: ClassVar[str] = "all above two standard deviations {amount:.0%} closer to it"
    amounts: ClassVar[tuple[float, ...]] = (0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 0.9)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n classes"]:
        """Peaks per 1,000 pixels by height."""
        field = np.asarray(x.array, dtype=float)
        mean, spread = field.mean(axis=(1, 2)), np.maximum(field.std(axis=(1, 2)), 1e-300)
        which, down, right = np.nonzero(peaks(field))
        height = (field[which, down + 1, right + 1] - mean[which]) / spread[which]
        place = np.searchsorted(EDGES, height, side="right") - 1
        count = np.bincount(which * len(MIDDLES) + place, minlength=len(field) * len(MIDDLES))
        return np.asarray(1000 * count.reshape(len(field), -1) / field[0].size)

    def axis(self, x: Samples) -> Axis:
        """Counts over height."""
        return Axis("peaks per 1,000 pixels", "height above the mean", "standard deviations", MIDDLES)

    def perturb(self, x: Samples, amount: float) -> Samples:
        """High places pulled towards two standard deviations."""
        field = np.asarray(x.array, dtype=float)
        limit = field.mean(axis=(1, 2), keepdims=True) + 2 * field.std(axis=(1, 2), keepdims=True)
        return x.but(x=np.where(field > limit, field - amount * (field - limit), field).astype(x.array.dtype))
