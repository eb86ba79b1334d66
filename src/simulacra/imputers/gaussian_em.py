"""Gaussian EM: the table as one normal law, its mean and covariance learned from rows with gaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simulacra.core.samples import Samples
from simulacra.domains.tables.expanded import columns_of
from simulacra.domains.tables.margins import straight
from simulacra.imputers.gaussian_copula import FittedCopula, fitted


@dataclass(frozen=True)
class GaussianEM:
    """Numbers as they are, jointly normal; categories by normal scores behind their levels.

    The guess is the linear regression on the known cells of the row; the draws go on by data augmentation. A draw may
    lie outside the range of the column.

    Args:
        ridge: strength of the prior about independent columns, in rows.
        apart: rounds of data augmentation between two draws.

    References:
        Maximum likelihood from incomplete data via the EM algorithm (Dempster, Laird & Rubin, 1977),
        doi:10.1111/j.2517-6161.1977.tb01600.x
        Analysis of Incomplete Multivariate Data (Schafer, 1997), doi:10.1201/9780367803025
    """

    carries: ClassVar[bool] = True
    ridge: float = 1.0
    apart: int = 5

    def fit(self, x: Samples, seed: int = 0) -> FittedCopula:
        """EM."""
        return fitted(x, straight(x.array, columns_of(x)), self.ridge, self.apart, seed)


def example() -> GaussianEM:
    """The smallest one."""
    return GaussianEM(apart=1)
