r"""How features go together: the distance between both sides' matrices of second moments.

For robust scores $z$ it is $\|\overline{z z^\top}_\text{model} - \overline{z z^\top}_\text{truth}\|^2$, by the
Frobenius norm. Each row's products are laid out as one row of $k (k + 1)/2$ numbers; the norm is then that of a
difference of means, and a thousand relabelings are one product of matrices.

References:
    Two sample tests for high-dimensional covariance matrices (Li & Chen, 2012), doi:10.1214/12-AOS993
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.comparison.rows import Rows, Sides, Stratum
from simulacra.comparison.scores import RobustScores, along, leading, products
from simulacra.core.samples import Array

MOST = 32  # features whose products are taken; beyond, leading components: 528 products


@dataclass(frozen=True)
class CovarianceView:
    """Squared Frobenius distance between second moments of robust scores, summed over strata.

    Args:
        strata: of the rows.
        sums: of the products over groups, (G, q) for each stratum.
    """

    name: ClassVar[str] = "covariance"
    strata: list[Stratum]
    sums: list[Array]

    @classmethod
    def of(cls, rows: Rows, part: float = 1.0) -> CovarianceView:
        """The products of all rows."""
        z = RobustScores.of(rows)(rows.features)
        z = along(z, leading(z, MOST))
        return cls(rows.strata, [s.sums(products(z[s.at])) for s in rows.strata])

    def __call__(self, sides: Sides) -> Float[np.ndarray, " P"]:
        """The distance of each draw, with the weight nm/(n+m) in each stratum."""
        total = np.zeros(len(sides.a[0]))
        sizes = zip(*sides.sizes(self.strata), strict=True)
        for own, a, b, (n, m) in zip(self.sums, sides.a, sides.b, sizes, strict=True):
            gap = _mean(a / n[:, None] - b / m[:, None], own)
            total += np.einsum("pq,pq->p", gap, gap) * n * m / (n + m)
        return total


def _mean(weights: Array, sums: Array) -> Array:
    """Weighted sums over groups, in the precision of what is summed, (P, G), (G, q) → (P, q)."""
    return np.asarray(weights.astype(sums.dtype) @ sums, dtype=float)
