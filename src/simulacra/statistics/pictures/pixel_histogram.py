"""Histogram of the pixels of a sample, given by its quantiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.kinds.base import kind_of
from simulacra.statistics.base import Axis, labeled


@dataclass(frozen=True)
class PixelHistogram:
    """The values below which the given fractions of each sample's pixels lie; of a picture, its brightness plane.

    Quantiles, not counts in bins: they need no range, so they serve a field in any unit.

    Args:
        fractions: of the pixels below, ascending, 0…1.
    """

    accepts: ClassVar[tuple[str, ...]] = ("picture", "field")
    defect: ClassVar[str] = "{amount:.0%} less contrast"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    fractions: tuple[float, ...] = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)

    def __post_init__(self) -> None:
        f = self.fractions
        if not f or min(f) < 0 or max(f) > 1 or list(f) != sorted(set(f)):
            raise BadInput("fractions ascend between 0 and 1", f"fractions={f}", "take fractions=(0.05, 0.5, 0.95)")

    def __call__(self, x: Samples) -> Float[np.ndarray, "n fractions"]:
        """The quantiles, in the samples' unit."""
        plane = kind_of(x).plane(x.array)
        flat = plane.reshape(len(x), -1).astype(np.float64)
        quantiles: Float[np.ndarray, "n fractions"] = np.quantile(flat, self.fractions, axis=1).T
        return quantiles

    def axis(self, x: Samples) -> Axis:
        """Pixel value over the fraction of the pixels below it."""
        what = "field" if kind_of(x).periodic else "brightness"
        return Axis(labeled(what, x.unit), "fraction of the pixels below", "1", self.fractions)

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Every pixel brought nearer to the mean of its sample (and channel) by this fraction of the difference."""
        pixels = x.array
        mean = pixels.mean(axis=(1, 2), keepdims=True, dtype=np.float64)
        return x.but(x=(mean + (1 - amount) * (pixels - mean)).astype(pixels.dtype))
