"""Modes reached: how many of the known clusters of a plane a set of points reaches at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.domains.laws.modes import modes_of, places_of
from simulacra.statistics.base import Split, number_of


@dataclass(frozen=True)
class Modes:
    """How many modes have a point within three of their standard deviations; 2,500 points by convention.

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
    finds_lost: ClassVar[bool] = True
    needs_train: ClassVar[bool] = False
    alone: ClassVar[bool] = True
    defect: ClassVar[str] = "{amount:.0%} of the modes never drawn"
    amounts: ClassVar[tuple[float, ...]] = (0.04, 0.08, 0.125, 0.25, 0.5)
    layout: Literal["ring", "grid"] = "ring"
    count: int = 8
    spread: float = 0.01

    def __post_init__(self) -> None:
        places_of(self.layout, self.count)

    def __call__(self, model: Samples, truth: Samples, train: Samples) -> float:
        """The number; neither truth nor the training set has a part in it."""
        return number_of(self, model, truth, train)

    def of(self, everything: Samples, train: Samples) -> Split:
        """The number of any division of these samples."""
        mode = modes_of(everything.array, places_of(self.layout, self.count), self.spread)

        def number(model: Array, truth: Array) -> float:
            return float((np.bincount(mode[model] + 1, minlength=self.count + 1)[1:] > 0).sum())

        return number

    def plant(self, x: Samples, train: Samples, amount: float, rng: np.random.Generator) -> Samples:
        """The points of some modes replaced by draws of the others."""
        nearest = modes_of(x.array, places_of(self.layout, self.count), np.inf)
        return without_modes(x, nearest, self.count, amount, rng)


def without_modes(x: Samples, mode: Array, count: int, amount: float, rng: np.random.Generator) -> Samples:
    """The samples of this share of the modes, on average, replaced by draws of the others."""
    lost = rng.permutation(count)[: int(amount * count + rng.uniform())]  # a share of one mode: now and then a whole
    gone = np.isin(mode, lost)
    if gone.all():
        return x
    at = np.arange(len(x))
    at[gone] = rng.choice(at[~gone], int(gone.sum()))
    return x.but(x=x.array[at])
