r"""Rows as normal scores: where each feature stands, how far out it is, whether its value is another row's too.

With $r$ the place of a value among all n of its stratum (the mean place of equal ones) its *location* is
$\Phi^{-1}((r - \tfrac12) / n)$ and its *spread* the square of that; its *grain* is the logarithm of how many rows of
other groups have the same value (to a millionth of the standard deviation), as rounded and heaped numbers do. Two more
columns are location and spread of the row's Mahalanobis radius: variance that is lost, tails, outliers. A sum of a
column over the labels is the most powerful test of a shifted normal law, by any monotone function that the feature may
have gone through.

References:
    Order tests for the two-sample problem and their power (van der Waerden, 1952), doi:10.1016/S1385-7258(52)50063-5
    Nonparametric tests for scale (Klotz, 1962), doi:10.1214/aoms/1177704576
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.special import ndtri
from scipy.stats import rankdata

from simulacra.comparison.rows import Rows, Sides, Stratum
from simulacra.comparison.scores import RobustScores, along, leading, rounding_of
from simulacra.core.samples import Array

MOST = 20_000  # rows of both sides; beyond, a random part
FEATURES = 400  # that are looked at, evenly spaced among all
RADIAL = 32  # of which the radius is taken; beyond, leading components
EQUAL = 1e-6  # of a standard deviation: finer than what single precision rounds


@dataclass(frozen=True)
class RankScores:
    """What labels make of the scores of all rows.

    Args:
        strata: the strata, or the part of each that is looked at.
        kept: the groups of each that are looked at.
        sums: of the scores over groups, centered, (G, q) for each stratum: locations, spreads, grains, radius.
        features: how many are looked at; q is three times as many, and two.
    """

    strata: list[Stratum]
    kept: list[Array]
    sums: list[Array]
    features: int

    @classmethod
    def of(cls, rows: Rows, part: float = 1.0) -> RankScores:
        """The scores of all rows.

        Args:
            rows: of both sides.
            part: as a view has it; where it is a half, the rows are two copies of the same objects, one copy after
                the other (the reach): an object's two copies are never in one draw, and so are not equal to each other.
        """
        k = rows.features.shape[1]
        columns = np.unique(np.linspace(0, k - 1, min(k, FEATURES)).astype(int))
        strata, kept = map(list, zip(*(s.part(MOST / len(rows)) for s in rows.strata), strict=True))
        radius = _radius(rows)
        sums = []
        for whole, s, at in zip(rows.strata, strata, kept, strict=True):
            x = rows.features[np.ix_(s.at, columns)]
            z, far = _normal(x), _normal(radius[s.at])
            owner = s.owner if part >= 1 else at[s.owner] % max(1, len(whole) // 2)
            grain = _grain(x, owner, part)
            scores = np.column_stack([z, z**2, grain, far, far**2])
            sums.append(s.sums(scores - scores.mean(axis=0)))
        return cls(strata, kept, sums, len(columns))

    def __call__(self, sides: Sides) -> Float[np.ndarray, "P q"]:
        """Each column's sum over the labels, in standard deviations by chance; 0 for a constant one."""
        sides = sides.some(self.kept)
        value, variance = np.zeros((len(sides.a[0]), self.sums[0].shape[1])), 0.0
        sizes = zip(*sides.sizes(self.strata), strict=True)
        for s, sums, a, b, (n, m) in zip(self.strata, self.sums, sides.a, sides.b, sizes, strict=True):
            y = a * (m / (n + m))[:, None] - b * (n / (n + m))[:, None]
            value += y @ sums
            each = float((n * m / (n + m)).mean()) / s.counts.sum()
            variance = variance + each * (sums**2).sum(axis=0)
        scale = np.sqrt(np.where(variance > 1e-12, variance, np.inf))
        return np.asarray(value / scale)

    def correlation(self, at: slice) -> Float[np.ndarray, "j j"]:
        """How some of the columns' sums vary together by chance."""
        together = np.sum([sums[:, at].T @ sums[:, at] for sums in self.sums], axis=0)
        scale = np.sqrt(np.diag(together))
        scale = np.where(scale > 1e-6, scale, np.inf)
        return np.asarray(together / scale / scale[:, None])

    @property
    def parts(self) -> dict[str, slice]:
        """Where the locations, spreads, grains and the radius stand."""
        k = self.features
        return {
            "location": slice(0, k),
            "spread": slice(k, 2 * k),
            "grain": slice(2 * k, 3 * k),
            "radius": slice(3 * k, 3 * k + 2),
        }


def _normal(x: Array) -> Array:
    """Normal scores of each column; 0 for a constant one."""
    n = len(x)
    return np.asarray(ndtri((rankdata(x, axis=0) - 0.5) / n))


def _grain(x: Float[np.ndarray, "n k"], owner: Array, part: float = 1.0) -> Float[np.ndarray, "n k"]:
    """log₂ (1 + how many rows of other groups have the same value); where groups stand in part, of such a part."""
    n, k = x.shape
    order = np.argsort(x, axis=0, kind="stable")
    new = np.diff(np.take_along_axis(x, order, axis=0), axis=0) > EQUAL * x.std(axis=0)
    if new.all():
        return np.zeros((n, k))
    groups = int(owner.max()) + 1
    counts = np.random.default_rng(groups).permutation(groups) < round(part * groups)
    there = counts[owner[order]].astype(float)
    run = np.zeros((n, k), dtype=np.int64)  # of equal values, numbered over all columns
    run[1:] = new.cumsum(axis=0)
    run += n * np.arange(k)
    pair = run * groups + owner[order]  # one run and group: these do not count
    among = np.bincount(run.ravel(), there.ravel(), minlength=n * k)[run]
    _, place = np.unique(pair.ravel(), return_inverse=True)
    own = np.bincount(place.ravel(), there.ravel())[place.ravel()].reshape(n, k)
    out = np.zeros((n, k))
    np.put_along_axis(out, order, np.log2(1 + among - own), axis=0)
    return out


def _radius(rows: Rows) -> Float[np.ndarray, "n 1"]:
    """The distance of each row from the middle, every direction of unit variance."""
    z = RobustScores.of(rows)(rows.features)
    z = along(z, leading(z, RADIAL))
    far = np.sqrt(((z @ rounding_of(z)) ** 2).sum(axis=1, keepdims=True))
    if np.ptp(far) <= EQUAL * far.mean():  # fewer rows than directions: all lie equally far out, up to rounding
        return np.zeros(far.shape)
    return np.asarray(far)
