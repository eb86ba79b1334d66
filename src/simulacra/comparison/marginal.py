r"""Each feature alone: the largest gap between both sides' distribution functions, where it is largest for its size.

For one feature it is $\sup_t |F_\text{model}(t) - F_\text{truth}(t)| / \sqrt{q (1 - q)}$ with $q$ the share of all rows
up to $t$: the distance of Kolmogorov and Smirnov, in which the tails count as much as the middle. Rows are counted in
bins of at most 1/256 of them; equal values share a bin. Each feature's distance is brought to the mean and spread that
it has by chance, so that neither ties nor dependent rows let one feature speak for all; then, with $z$ the
excess over the mean, the cubes of $\log(1 + e^z)$, about $z$ where it is large, are summed: so one feature far out is
seen among many, and a small defect of all features as well.

References:
    Asymptotic theory of certain "goodness of fit" criteria based on stochastic processes (Anderson & Darling, 1952),
        doi:10.1214/aoms/1177729437
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from scipy.sparse import csr_array

from simulacra.comparison.rows import Rows, Sides, Stratum
from simulacra.core.samples import Array

MOST = 6000  # rows of both sides that are counted
FEATURES = 200  # features that are looked at, evenly spaced among all
BINS = 256  # of each feature in each stratum
TAIL = 0.02  # share of rows beyond which a gap counts no more than there
POWER = 3  # of the excess: with 1 many small ones outweigh a large one, without end only the largest would count
CHANCE = 100  # labelings by which each feature's distance by chance is found


@dataclass(frozen=True)
class Counts:
    """Rows counted in the bins of each feature of one stratum.

    Args:
        edges: the largest value of each bin but the last, of each feature.
        inside: rows of each group in each bin, feature by feature, (k·bins, G).
        weight: 1/√(q (1 − q)) at the end of each bin; 0 where all rows are below, (k, bins, 1).
    """

    edges: list[Array]
    inside: csr_array
    weight: Array

    @classmethod
    def of(cls, x: Float[np.ndarray, "n k"], stratum: Stratum) -> Counts:
        """Bins that hold as many rows each, as far as equal values allow."""
        n, k = x.shape
        at = np.unique(np.linspace(0, n, min(n, BINS) + 1).astype(int)[1:-1]) - 1
        edges = [np.unique(column[at]) for column in np.sort(x, axis=0).T]
        inside = _binned(x, edges, stratum)
        share = np.asarray(inside.sum(axis=1)).reshape(k, -1).cumsum(axis=1) / n
        least = TAIL * (1 - TAIL)
        weight = np.where(share < 1 - 1e-12, 1 / np.sqrt(np.maximum(share * (1 - share), least)), 0.0)
        return cls(edges, inside, weight[:, :, None])

    def gaps(self, a: Array, b: Array) -> Float[np.ndarray, "P k"]:
        """The largest weighted gap of each feature, for weights of groups that sum to 1 over the rows of a side."""
        gap = np.asarray(self.inside @ (a - b).T).reshape(*self.weight.shape[:2], -1)
        np.cumsum(gap, axis=1, out=gap)
        gap *= self.weight
        return np.asarray(np.abs(gap, out=gap).max(axis=1).T)


@dataclass(frozen=True)
class MarginalView:
    """Weighted Kolmogorov-Smirnov distances of single features, each in units of its chance, the largest foremost.

    Over strata the squares are summed. Beyond 6,000 rows a random part of the groups is counted.

    Args:
        strata: the strata, or the part of each that is looked at.
        kept: the groups of each that are looked at.
        columns: the features that are looked at.
        counts: of each stratum.
        center: mean of each feature's distance by chance, (k,).
        scale: its standard deviation; infinite for a constant feature, (k,).
    """

    name: ClassVar[str] = "marginal"
    strata: list[Stratum]
    kept: list[Array]
    columns: Array
    counts: list[Counts]
    center: Array
    scale: Array

    @classmethod
    def of(cls, rows: Rows, part: float = 1.0) -> MarginalView:
        """The bins of all rows, and the distances by chance."""
        k = rows.features.shape[1]
        columns = np.unique(np.linspace(0, k - 1, min(k, FEATURES)).astype(int))
        strata, kept = map(list, zip(*(s.part(MOST / len(rows)) for s in rows.strata), strict=True))
        parts = [rows.features[np.ix_(s.at, columns)] for s in strata]
        counts = [Counts.of(x, s) for x, s in zip(parts, strata, strict=True)]
        raw = cls(strata, kept, columns, counts, np.zeros(len(columns)), np.ones(len(columns)))
        chance = raw._distances(_anyhow(parts, strata, part))
        scale = chance.std(axis=0)
        scale = np.where(scale > 1e-9, scale, np.inf)
        return cls(strata, kept, columns, counts, chance.mean(axis=0), scale)

    def __call__(self, sides: Sides) -> Float[np.ndarray, " P"]:
        """The sum of cubes over the features of each draw."""
        excess = (self._distances(sides.some(self.kept)) - self.center) / self.scale
        return np.asarray(
            (np.logaddexp(0, excess) ** POWER).sum(axis=1)
        )  # log(1 + e^z): z where it is large, never tied

    def _distances(self, sides: Sides) -> Float[np.ndarray, "P k"]:
        total = np.zeros((len(sides.a[0]), len(self.columns)))
        sizes = zip(*sides.sizes(self.strata), strict=True)
        for counts, a, b, (n, m) in zip(self.counts, sides.a, sides.b, sizes, strict=True):
            gap = counts.gaps(a / n[:, None], b / m[:, None])
            total += gap**2 * (n * m / (n + m))[:, None]
        return np.sqrt(total)


def _binned(x: Array, edges: list[Array], stratum: Stratum) -> csr_array:
    """How many rows of each group lie in each bin of each feature, (k·bins, G); every feature has as many bins."""
    n, k = x.shape
    bins = 1 + max(map(len, edges))
    place = np.concatenate([j * bins + np.searchsorted(edges[j], x[:, j]) for j in range(k)])
    return csr_array((np.ones(n * k), (place, np.tile(stratum.owner, k))), shape=(k * bins, len(stratum)))


def _anyhow(parts: list[Array], strata: list[Stratum], part: float) -> Sides:
    """Labels dealt out by chance among the groups in the order of their values: it carries nothing of the sides."""
    rng = np.random.default_rng(CHANCE)
    # no weight is 0 or a sum of others: rows of whole numbers that differ must not be tied, or their places would tell
    weights = np.random.default_rng(CHANCE + 1).random(parts[0].shape[1])
    a, b = [], []
    for x, s in zip(parts, strata, strict=True):
        mixed = weights / np.maximum(np.abs(x).max(axis=0), 1e-300)
        order = np.argsort(s.sums((x @ mixed)[:, None])[:, 0], kind="stable")
        half = max(1, round(part * len(s) / 2))
        label = np.zeros((CHANCE, len(s)))
        label[:, order] = rng.permuted(np.tile(np.arange(len(s)), (CHANCE, 1)), axis=1)
        a.append((label < half).astype(float))
        b.append(((label >= half) & (label < 2 * half)).astype(float))
    return Sides(a, b)
