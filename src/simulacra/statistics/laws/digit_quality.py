"""Quality of digits: the share of pictures whose three handwritten digits look like known ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.domains.laws.digits import trained_reader
from simulacra.statistics.base import Split, number_of
from simulacra.statistics.laws.mode_quality import with_mixtures


@dataclass(frozen=True)
class DigitQuality:
    """Share of the pictures of which each color is clearly a digit: of true ones about three in four.

    Clear is what lies as near to a known digit of the class that it is read as, and as much nearer than to any other
    class, as 95 % of the known digits do. This is our measure: the paper shows none for digits.
    """

    about: ClassVar[str] = "set"
    accepts: ClassVar[tuple[str, ...]] = ("picture",)
    worse: ClassVar[str] = "lower"
    needs_train: ClassVar[bool] = False
    alone: ClassVar[bool] = True
    defect: ClassVar[str] = "{amount:.0%} of the pictures between two true ones"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, model: Samples, truth: Samples, train: Samples) -> float:
        """The share; neither truth nor the training set has a part in it."""
        return number_of(self, model, truth, train)

    def of(self, everything: Samples, train: Samples) -> Split:
        """The share of any division of these samples."""
        clear = trained_reader().clear(everything.array)

        def number(model: Array, truth: Array) -> float:
            return float(clear[model].mean())

        return number

    def plant(self, x: Samples, train: Samples, amount: float, rng: np.random.Generator) -> Samples:
        """Some pictures mixed with another."""
        return with_mixtures(x, amount, rng)
