"""Gaussian EM and Gaussian copula together: the mean of their guesses, draws of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.samples import Samples
from simulacra.domains.tables.expanded import columns_of
from simulacra.domains.tables.filled import Filled
from simulacra.imputers.gaussian_copula import FittedCopula, GaussianCopula
from simulacra.imputers.gaussian_em import GaussianEM


@dataclass(frozen=True)
class EMAndCopula:
    """The mean of two guesses: EM is right where columns go together in a line, the copula where only their ranks do.

    Of categories, and in the draws, nothing is averaged: the guess is the copula's, and every second draw is EM's.

    Args:
        ridge: strength of the prior about independent columns, in rows.
        apart: rounds of data augmentation between two draws.
    """

    carries: ClassVar[bool] = True
    ridge: float = 1.0
    apart: int = 5

    def fit(self, x: Samples, seed: int = 0) -> FittedBoth:
        """Each for itself."""
        return FittedBoth(
            GaussianCopula(self.ridge, self.apart).fit(x, seed), GaussianEM(self.ridge, self.apart).fit(x, seed)
        )


@dataclass(frozen=True, eq=False)
class FittedBoth:
    """Both, fitted to the same rows."""

    copula: FittedCopula
    normal: FittedCopula

    def impute(self, x: Samples, draws: int, rng: np.random.Generator) -> Filled:
        """The mean of the guesses; draws in turn."""
        ranks = self.copula.impute(x, (draws + 1) // 2, rng)
        lines = self.normal.impute(x, draws // 2, rng)
        number = np.array([not column.levels for column in columns_of(x)])[np.nonzero(ranks.gaps)[1]]
        guess = np.where(number, (ranks.guess + lines.guess) / 2, ranks.guess)
        drawn = np.empty((draws, len(guess)))
        drawn[::2], drawn[1::2] = ranks.drawn, lines.drawn
        return Filled(x, guess, drawn, True)


def example() -> EMAndCopula:
    """The smallest one."""
    return EMAndCopula(apart=1)
