"""Gaussian copula: normal scores behind columns of any kind, with a covariance learned by EM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.chance import stream
from simulacra.core.progress import Progress
from simulacra.core.samples import Samples
from simulacra.domains.tables.expanded import columns_of
from simulacra.domains.tables.filled import Filled
from simulacra.domains.tables.gaussian_copula import GaussianCopula as Law
from simulacra.domains.tables.gaussian_copula import fit
from simulacra.domains.tables.margins import Margin, ranked
from simulacra.imputers.base import check_width


@dataclass(frozen=True)
class GaussianCopula:
    """Each column keeps its own law; what it has to do with the others is that of normal scores.

    Numbers, counts, grades and categories are all taken as they are. The guess is the mean given the rest of the row;
    the draws begin where EM ends and go on by data augmentation, so that they carry the uncertainty of the fit.

    Args:
        ridge: strength of the prior about independent columns, in rows.
        apart: rounds of data augmentation between two draws.

    References:
        Missing value imputation for mixed data via Gaussian copula (Zhao & Udell, 2020), arXiv:1910.12845
        Extending the rank likelihood for semiparametric copula estimation (Hoff, 2007), arXiv:math/0610413
    """

    carries: ClassVar[bool] = True
    ridge: float = 1.0
    apart: int = 5

    def fit(self, x: Samples, seed: int = 0) -> FittedCopula:
        """EM, or stochastic EM where cells only say in which range their scores lie."""
        return fitted(x, ranked(x.array, columns_of(x)), self.ridge, self.apart, seed)


@dataclass(frozen=True, eq=False)
class FittedCopula:
    """The copula, and the rows that it was fitted on.

    Args:
        law: the copula.
        seen: the rows, (n, d).
        apart: rounds between two draws.
    """

    law: Law
    seen: np.ndarray
    apart: int

    def impute(self, x: Samples, draws: int, rng: np.random.Generator) -> Filled:
        """The mean given the rest of the row; draws of the law and of the gaps in turn."""
        same = x.array.shape == self.seen.shape and np.array_equal(x.array, self.seen, equal_nan=True)
        guess = self.law.filled(x.array, rng)
        drawn = []
        with Progress("drawing tables", draws) as progress:
            for one in self.law.draws(x.array, draws, rng, self.apart, None if same else self.seen):
                drawn.append(one)
                progress.step()
        return Filled.of(x, guess, drawn, True)


def fitted(x: Samples, margins: tuple[Margin, ...], ridge: float, apart: int, seed: int) -> FittedCopula:
    """The law behind these margins."""
    check_width(sum(margin.width for margin in margins), len(x))
    with Progress("learning", 1) as progress:

        def shown(done: int, total: int) -> None:
            progress.done, progress.total = done, total

        law = fit(x.array, margins, stream(seed, "imputer"), ridge, shown)
    return FittedCopula(law, x.array, apart)


def example() -> GaussianCopula:
    """The smallest one."""
    return GaussianCopula(apart=1)
