r"""The energy distance: how much farther rows lie from the other side than from their own.

It is $2\,\overline{|x - y|} - \overline{|x - x'|} - \overline{|y - y'|}$; with the weights $w = 1/n$ on the model's
rows and $-1/m$ on the truth's it is $-w^\top D\,w$, so that a thousand relabelings are one product of matrices.

References:
    Testing for equal distributions in high dimension (Székely & Rizzo, 2004), InterStat 5
    Energy statistics: statistics based on distances (Székely & Rizzo, 2013), doi:10.1016/j.jspi.2013.03.018
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from scipy.spatial.distance import cdist

from simulacra.comparison.rows import Rows, Sides, Stratum, spread
from simulacra.core.samples import Array

MOST = 6000  # rows of both sides: their distances to one another fill 288 MB


@dataclass(frozen=True)
class EnergyView:
    """Energy distance of the features, each divided by its pooled standard deviation; summed over strata.

    Beyond 6,000 rows it is taken of a random part of the groups, chosen without a look at the sides.

    Args:
        strata: the strata, or the part of each that is looked at.
        kept: the groups of each that are looked at.
        distances: between them, (G, G) for each stratum.
    """

    name: ClassVar[str] = "energy"
    strata: list[Stratum]
    kept: list[Array]
    distances: list[Array]

    @classmethod
    def of(cls, rows: Rows, part: float = 1.0) -> EnergyView:
        """The distances between all rows of a stratum, added up over groups."""
        scale = spread(rows)
        strata, kept = zip(*(s.part(MOST / len(rows)) for s in rows.strata), strict=True)
        parts = [rows.features[s.at] / scale for s in strata]
        # for the reach single precision will do; in the test itself equal labelings must have equal distances
        kind = np.float64 if part >= 1 else np.float32
        found = cdist if part >= 1 else _roughly
        between = [s.sums(s.sums(found(x, x)).T).T.astype(kind, copy=False) for s, x in zip(strata, parts, strict=True)]
        return cls(list(strata), list(kept), between)

    def __call__(self, sides: Sides) -> Float[np.ndarray, " P"]:
        """Energy distance of each draw, with the weight nm/(n+m) in each stratum."""
        total = np.zeros(len(sides.a[0]))
        sides = sides.some(self.kept)
        sizes = zip(*sides.sizes(self.strata), strict=True)
        for own, a, b, (n, m) in zip(self.distances, sides.a, sides.b, sizes, strict=True):
            w = a / n[:, None] - b / m[:, None]
            there = np.asarray(w.any(axis=0))
            if 4 * there.sum() < 3 * there.size:  # most stand on neither side in all of these draws
                w, own = w[:, there], own[np.ix_(there, there)]
            total -= np.einsum("pg,pg->p", w.astype(own.dtype, copy=False) @ own, w) * n * m / (n + m)
        return total

    def between(self, sides: Sides) -> float:
        """Twice the mean distance between the sides of the first draw, with the same weights: the largest there is.

        References:
            Energy statistics: statistics based on distances (Székely & Rizzo, 2013), doi:10.1016/j.jspi.2013.03.018
        """
        sides, total = sides.some(self.kept), 0.0
        sizes = zip(*sides.sizes(self.strata), strict=True)
        for own, a, b, (n, m) in zip(self.distances, sides.a, sides.b, sizes, strict=True):
            total += 2 * float(a[0] @ own @ b[0]) / float(n[0] + m[0])
        return total

    def apart(self, sides: Sides, null: Float[np.ndarray, " P"]) -> tuple[float, float]:
        """How far apart both laws are, from 0 to 1, and one standard error of it.

        The energy distance of the first draw less its mean under relabeling, over twice the mean distance between the
        sides. The error is that of Hoeffding's linear part, from sums over groups, and, since that vanishes where the
        laws are one, the spread under relabeling beside it.

        Args:
            sides: of whom the first draw is the actual one.
            null: the distances under relabeling.

        References:
            A class of statistics with asymptotically normal distribution (Hoeffding, 1948), doi:10.1214/aoms/1177730196
        """
        whole = self.between(sides)
        if whole <= 0:
            return 0.0, 0.0
        share = (float(self(sides)[0]) - float(null.mean())) / whole
        sides, variance = sides.some(self.kept), float(null.var()) / whole**2
        for own, a, b, stratum in zip(self.distances, sides.a, sides.b, self.strata, strict=True):
            for here, there in ((a[0], b[0]), (b[0], a[0])):
                n, m = float(here @ stratum.counts), float(there @ stratum.counts)
                to_own, to_other = (own @ here) / n, (own @ there) / m  # summed over the rows of a group
                far = float(here @ to_other) / n
                near = float(here @ to_own) / n
                lean = 2 * (1 - share) * (to_other - stratum.counts * far) - 2 * (to_own - stratum.counts * near)
                lean = lean[here > 0] / n * (n * m / (n + m)) / whole
                variance += float((lean**2).sum()) * len(lean) / max(len(lean) - 1, 1)
        return share, float(np.sqrt(variance))


def energy_distance(model: Rows, truth: Rows, scale: Float[np.ndarray, " k"]) -> float:
    """The distance alone, in units of a given scale, summed over strata with the same weights."""
    total = 0.0
    model, truth = model.scaled(scale), truth.scaled(scale)
    for stratum in np.intersect1d(model.stratum, truth.stratum):
        x = model.features[model.stratum == stratum]
        y = truth.features[truth.stratum == stratum]
        distance = 2 * cdist(x, y).mean() - cdist(x, x).mean() - cdist(y, y).mean()
        total += float(distance) * len(x) * len(y) / (len(x) + len(y))
    return total


def _roughly(x: Array, y: Array) -> Array:
    """Distances between rows by a product of matrices: right to a hundred millionth of their size, and faster."""
    square = (x**2).sum(axis=1)[:, None] + (y**2).sum(axis=1) - 2 * (x @ y.T)
    return np.asarray(np.sqrt(np.maximum(square, 0.0)))
