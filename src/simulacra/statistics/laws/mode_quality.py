"""Quality near modes: the share of a set of points that lies near any known cluster, and not between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.domains.laws.modes import modes_of, places_of
from simulacra.statistics.base import Split, number_of


@dataclass(frozen=True)
class ModeQuality:
    """Share of the points within three standard deviations of a mode: of true ones in the plane 98.9 %.

    Args:
        layout: "ring": evenly spaced places on the unit circle; "grid": a square grid about 0, neighbors 2 apart.
        count: of the modes; of a grid the square of its side.
        spread: standard deviation of a mode in each direction.

    References:
        PacGAN: the power of two samples in generative adversarial networks (Lin et al., 2018), arXiv:1712.04086
    """

    about: ClassVar[str] = "set"
    accepts: ClassVar[tuple[str, ...]] = ("vector",)
    worse: ClassVar[str] = "lower"
    needs_train: ClassVar[bool] = False
    alone: ClassVar[bool] = True
    defect: ClassVar[str] = "{amount:.0%} of the points between two true ones"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)
    layout: Literal["ring", "grid"] = "ring"
    count: int = 8
    spread: float = 0.01

    def __post_init__(self) -> None:
        places_of(self.layout, self.count)

    def __call__(self, model: Samples, truth: Samples, train: Samples) -> float:
        """The share; neither truth nor the training set has a part in it."""
        return number_of(self, model, truth, train)

    def of(self, everything: Samples, train: Samples) -> Split:
        """The share of any division of these samples."""
        near = modes_of(everything.array, places_of(self.layout, self.count), self.spread) >= 0

        def number(model: Array, truth: Array) -> float:
            return float(near[model].mean())

        return number

    def plant(self, x: Samples, train: Samples, amount: float, rng: np.random.Generator) -> Samples:
        """Some points moved anywhere on the straight line to another."""
        return with_mixtures(x, amount, rng)


def with_mixtures(x: Samples, amount: float, rng: np.random.Generator) -> Samples:
    """This share of the samples replaced by weighted means of two, as a generator draws that cannot jump."""
    values = x.array.copy()
    some = rng.permutation(len(x))[: round(amount * len(x))]
    weight = rng.uniform(size=(len(some), *[1] * (values.ndim - 1)))
    values[some] = (1 - weight) * x.array[some] + weight * x.array[rng.integers(len(x), size=len(some))]
    return x.but(x=values)
