"""Numbers spelled: how many numbers of three handwritten digits a set of pictures shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.domains.laws.digits import NUMBERS, trained_reader
from simulacra.statistics.base import Split, number_of
from simulacra.statistics.laws.modes import without_modes


@dataclass(frozen=True)
class DigitModes:
    """How many of the numbers 0 to 999 red, green and blue spell, as a reader fitted to other digits has it.

    By convention of 26,000 pictures; of n true ones about 1,000 (1 - exp(-n / 1,000)) are expected.

    References:
        PacGAN: the power of two samples in generative adversarial networks (Lin et al., 2018), arXiv:1712.04086
    """

    about: ClassVar[str] = "set"
    accepts: ClassVar[tuple[str, ...]] = ("picture",)
    worse: ClassVar[str] = "lower"
    finds_lost: ClassVar[bool] = True
    needs_train: ClassVar[bool] = False
    alone: ClassVar[bool] = True
    defect: ClassVar[str] = "{amount:.0%} of the numbers never drawn"
    amounts: ClassVar[tuple[float, ...]] = (0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, model: Samples, truth: Samples, train: Samples) -> float:
        """The number; neither truth nor the training set has a part in it."""
        return number_of(self, model, truth, train)

    def of(self, everything: Samples, train: Samples) -> Split:
        """The number of any division of these samples."""
        spelled = trained_reader().numbers(everything.array)

        def number(model: Array, truth: Array) -> float:
            return float((np.bincount(spelled[model], minlength=NUMBERS) > 0).sum())

        return number

    def plant(self, x: Samples, train: Samples, amount: float, rng: np.random.Generator) -> Samples:
        """The pictures of some numbers replaced by draws of the others."""
        return without_modes(x, trained_reader().numbers(x.array), NUMBERS, amount, rng)
