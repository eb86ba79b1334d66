"""Minkowski functionals: area, border and topology of what lies above a threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.sky.excursions import minkowski
from simulacra.domains.sky.fields import normal_scores
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class MinkowskiFunctionals:
    """V0, V1 and V2 of each map above 19 thresholds, from -1.9 to 1.7 of its own standard deviation about its mean.

    They see all orders of correlation: of a Gaussian field the spectrum fixes them. The features are V0 at all
    thresholds, then V1, then V2, each per pixel.

    Args:
        thresholds: how many, evenly spaced.
        low: the lowest, in standard deviations of the map.
        high: the highest.

    References:
        Robust morphological measures for large-scale structure in the Universe (Mecke, Buchert & Wagner, 1994),
        A&A 288, 697; CosmoGAN: creating high-fidelity weak lensing convergence maps using generative adversarial
        networks (Mustafa et al., 2019), arXiv:1706.02390
    """

    accepts: ClassVar[tuple[str, ...]] = ("field",)
    defect: ClassVar[str] = "{amount:.0%} of the way to normal brightness"
    amounts: ClassVar[tuple[float, ...]] = (0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.0)

    thresholds: int = 19
    low: float = -1.9
    high: float = 1.7

    def __post_init__(self) -> None:
        if self.thresholds < 1 or not self.low < self.high:
            raise BadInput(
                "thresholds ascend, and there is one at least",
                f"{self.thresholds} from {self.low} to {self.high}",
                "take thresholds=19, low=-1.9, high=1.7",
            )

    def __call__(self, x: Samples) -> Float[np.ndarray, "n features"]:
        """V0, V1 and V2 by threshold, (n, 3 thresholds)."""
        field = np.asarray(x.array, dtype=float)
        mean, spread = field.mean(axis=(1, 2)), field.std(axis=(1, 2))
        levels = mean[:, None] + spread[:, None] * self._levels()
        return np.moveaxis(minkowski(field, levels), 2, 1).reshape(len(field), -1)

    def axis(self, x: Samples) -> Axis:
        """The functional and the threshold by name: three curves side by side."""
        names = [f"V{v} {level:+.1f}" for v in range(3) for level in self._levels()]
        return Axis("Minkowski functional, per pixel", "functional and threshold, spreads", "1", tuple(names))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Each map drawn towards its own normal scores, which keep the order of its pixels, mean and spread."""
        field = np.asarray(x.array, dtype=float)
        return x.but(x=((1 - amount) * field + amount * normal_scores(field)).astype(x.array.dtype))

    def _levels(self) -> Float[np.ndarray, " thresholds"]:
        return np.linspace(self.low, self.high, self.thresholds)
