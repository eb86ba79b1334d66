r"""Maximum mean discrepancy at several widths at once: dense small shifts, classes that are gone, at any scale.

With Gaussian kernels $k_b = \exp(-|x - y|^2 / c_b m)$, m the median of the squared distances and $c_b$ from 1/16 to 4,
each is centered and divided by its Frobenius norm, which is the standard deviation of its discrepancy under relabeling
up to one factor for all; the sum is one kernel, whatever the number of widths. Distances within a group count nothing.

References:
    A kernel two-sample test (Gretton et al., 2012), JMLR 13, 723
    MMD aggregated two-sample test (Schrab et al., 2023), JMLR 24, 194
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from scipy.spatial.distance import cdist

from simulacra.comparison.rows import Rows, Sides, Stratum, spread
from simulacra.core.samples import Array

MOST = 2000  # rows of both sides that are looked at; beyond, a random part of the groups
WIDEST, WIDTHS = 4.0, 4  # in medians of the squared distance; each width's square is a quarter of the one before


@dataclass(frozen=True)
class KernelView:
    """The discrepancy of the features, each divided by its pooled standard deviation; summed over strata.

    Args:
        strata: the strata, or the part of each that is looked at.
        kept: the groups of each that are looked at.
        kernels: summed over the rows of groups, nothing within a group, (G, G) for each stratum.
    """

    name: ClassVar[str] = "kernel"
    strata: list[Stratum]
    kept: list[Array]
    kernels: list[Array]

    @classmethod
    def of(cls, rows: Rows, part: float = 1.0) -> KernelView:
        """The kernels between all rows of a stratum."""
        scale = spread(rows)
        strata, kept = zip(*(s.part(MOST / len(rows)) for s in rows.strata), strict=True)
        found = [_kernel(rows.features[s.at] / scale, s) for s in strata]
        # for the reach single precision will do; in the test itself equal labelings must have equal distances
        return cls(list(strata), list(kept), [k if part >= 1 else k.astype(np.float32) for k in found])

    def __call__(self, sides: Sides) -> Float[np.ndarray, " P"]:
        """The discrepancy of each draw, with the weight nm/(n+m) in each stratum."""
        total = np.zeros(len(sides.a[0]))
        sides = sides.some(self.kept)
        sizes = zip(*sides.sizes(self.strata), strict=True)
        for own, a, b, (n, m) in zip(self.kernels, sides.a, sides.b, sizes, strict=True):
            w = a / n[:, None] - b / m[:, None]
            there = np.asarray(w.any(axis=0))
            if 4 * there.sum() < 3 * there.size:  # most stand on neither side in all of these draws
                w, own = w[:, there], own[np.ix_(there, there)]
            total += np.einsum("pg,pg->p", w.astype(own.dtype, copy=False) @ own, w) * n * m / (n + m)
        return total


def _kernel(x: Float[np.ndarray, "n k"], stratum: Stratum) -> Float[np.ndarray, "G G"]:
    """The sum of the widths' kernels, each over the norm of its centered form, added up over groups."""
    squares = cdist(x, x, "sqeuclidean")
    middle = float(np.median(squares[np.triu_indices(len(x), 1)])) if len(x) > 1 else 0.0
    middle = middle or float(squares.mean())
    total = np.zeros((len(stratum), len(stratum)))
    if middle <= 0:  # all rows are equal
        return total
    bell = np.exp(squares / (-WIDEST * middle))
    np.fill_diagonal(bell, 0.0)
    n = len(total)
    for width in range(WIDTHS):
        if width:  # a quarter of the squared width
            np.square(bell, out=bell)
            np.square(bell, out=bell)
        between = bell
        if not stratum.single:
            between = np.array(stratum.sums(stratum.sums(bell).T))
            np.fill_diagonal(between, 0.0)
        sums = between.sum(axis=0)
        centered = float(np.vdot(between, between)) - 2 * float(sums @ sums) / n + float(sums.sum()) ** 2 / n**2
        if centered > 1e-12 * n:
            total += between / np.sqrt(centered)
    return total
