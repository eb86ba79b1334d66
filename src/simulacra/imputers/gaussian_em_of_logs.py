"""Gaussian EM of shifted logarithms: skewed columns made normal by a law with three numbers, then one normal law."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simulacra.core.samples import Samples
from simulacra.domains.tables.expanded import columns_of
from simulacra.domains.tables.shifted_log import logged
from simulacra.imputers.gaussian_copula import FittedCopula, fitted


@dataclass(frozen=True)
class GaussianEMOfLogs:
    """A Gaussian copula with log-normal margins, each with an edge of its own.

    What the ranks of a copula cannot know it goes on with: values beyond those seen, where a gap lies in the tail.
    A column that is not skewed has its edge far off and is taken straight; values that heap up go by steps, categories
    by levels.

    Args:
        ridge: strength of the prior about independent columns, in rows.
        apart: rounds of data augmentation between two draws.
    """

    carries: ClassVar[bool] = True
    ridge: float = 1.0
    apart: int = 5

    def fit(self, x: Samples, seed: int = 0) -> FittedCopula:
        """Edges by maximum likelihood, then EM."""
        return fitted(x, logged(x.array, columns_of(x)), self.ridge, self.apart, seed)


def example() -> GaussianEMOfLogs:
    """The smallest one."""
    return GaussianEMOfLogs(apart=1)
