r"""Directions that are wide on one side and narrow on the other, however narrow they are among all.

With $z$ the robust scores in a basis in which the second moments of both sides together are the identity (shrunk), let
$D = \overline{z z^\top}_\text{model} - \overline{z z^\top}_\text{truth}$. Its eigenvalues tell the generalized ones of
both sides' moments: one direction that is lost, or one feature that copies another, moves a single one of them far out,
be it the least of fifty. The number is $(\mathrm{tr}\,D^8)^{1/8}$, close to the largest without sign, and two squarings
of matrices instead of a decomposition for each relabeling.

References:
    The use of multiple measurements in taxonomic problems (Fisher, 1936), doi:10.1111/j.1469-1809.1936.tb02137.x
    A well-conditioned estimator for large-dimensional covariance matrices (Ledoit & Wolf, 2004),
        doi:10.1016/S0047-259X(03)00096-4
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.comparison.rows import Rows, Sides, Stratum
from simulacra.comparison.scores import RobustScores, products
from simulacra.core.samples import Array

MOST = 128  # directions; beyond, as many of the widest as of the narrowest
ENTRIES = 8 * 10**6  # rows times products, at most: beyond, a random part of the rows
BATCH = 32  # draws whose matrices are squared at a time


@dataclass(frozen=True)
class WhitenedView:
    """How far the second moments of both sides are apart in the direction in which they are farthest.

    The basis is learned from both sides and all strata together; the moments are shrunk towards a multiple of the
    identity by the share k/(k + n), so that more directions than rows are no harm.

    Args:
        strata: the strata, or the part of each that is looked at.
        kept: the groups of each that are looked at.
        sums: of the products over groups, (G, q) for each stratum.
        size: k, how many directions there are.
    """

    name: ClassVar[str] = "directions"
    strata: list[Stratum]
    kept: list[Array]
    sums: list[Array]
    size: int

    @classmethod
    def of(cls, rows: Rows, part: float = 1.0) -> WhitenedView:
        """The products of all rows in the whitened basis."""
        z = RobustScores.of(rows)(rows.features)
        z = z @ _ends(z, MOST)
        z = z @ _whitening(z, part * len(z))
        k = z.shape[1]
        most = ENTRIES // (k * (k + 1) // 2)
        strata, kept = map(list, zip(*(s.part(most / len(rows)) for s in rows.strata), strict=True))
        return cls(strata, kept, [s.sums(products(z[s.at])) for s in strata], k)

    def __call__(self, sides: Sides) -> Float[np.ndarray, " P"]:
        """The number of each draw; what all strata have in common."""
        sides = sides.some(self.kept)
        gap, weight = np.zeros((len(sides.a[0]), self.sums[0].shape[1])), np.zeros(len(sides.a[0]))
        sizes = zip(*sides.sizes(self.strata), strict=True)
        for own, a, b, (n, m) in zip(self.sums, sides.a, sides.b, sizes, strict=True):
            y = a * (m / (n + m))[:, None] - b * (n / (n + m))[:, None]
            gap += y.astype(own.dtype, copy=False) @ own
            weight += n * m / (n + m)
        gap /= weight[:, None]
        return np.concatenate([_farthest(gap[i : i + BATCH], self.size) for i in range(0, len(gap), BATCH)])


def _ends(z: Float[np.ndarray, "n k"], most: int) -> Float[np.ndarray, "k j"]:
    """The directions of largest and of smallest second moment, half of each, if there are more than `most`.

    A direction in which one side has lost its width is a narrow one of both together; those in which no row has any
    width at all are left out.
    """
    n, k = z.shape
    if k <= most:
        return np.eye(k)
    small = k > n  # fewer rows than features: by way of the smaller matrix
    sizes, vectors = np.linalg.eigh(z @ z.T if small else z.T @ z)
    there = np.flatnonzero(sizes > 1e-9 * max(float(sizes[-1]), 1e-300))
    if not len(there):
        return np.eye(k)[:, :1]
    chosen = there if len(there) <= most else np.concatenate([there[: most // 2], there[-(most - most // 2) :]])
    return np.asarray(z.T @ vectors[:, chosen] / np.sqrt(sizes[chosen]) if small else vectors[:, chosen])


def _whitening(z: Float[np.ndarray, "n k"], rows: float) -> Float[np.ndarray, "k k"]:
    """The basis in which shrunk second moments are the identity; so many rows stand behind them."""
    sizes, directions = np.linalg.eigh(z.T @ z / max(1, len(z)))
    share = len(sizes) / (len(sizes) + rows)
    shrunk = (1 - share) * np.maximum(sizes, 0.0) + share * max(float(sizes.mean()), 1e-12)
    return np.asarray(directions / np.sqrt(shrunk))


def _farthest(gap: Float[np.ndarray, "P q"], k: int) -> Float[np.ndarray, " P"]:
    """The eighth root of the sum of the eigenvalues' eighth powers, of each symmetric matrix."""
    matrix = np.empty((len(gap), k, k))
    start = 0
    for j in range(k):  # the order in which `products` lays them out
        row = gap[:, start : start + k - j] / np.where(np.arange(k - j) == 0, 1.0, np.sqrt(2))
        matrix[:, j, j:], matrix[:, j:, j] = row, row
        start += k - j
    fourth = matrix @ matrix
    fourth = fourth @ fourth
    return np.asarray(np.einsum("pij,pij->p", fourth, fourth) ** 0.125)
