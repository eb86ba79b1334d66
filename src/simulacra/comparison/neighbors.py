r"""Who lies next to whom: whether a row's nearest neighbors are of its own side, and how far away they are.

The rows are joined to their ten nearest neighbors, whichever side these are on, and never within a group. With $y$ the
centered labels, $W$ the edges and $r_i$ the distance to the tenth neighbor, three numbers are taken: $y^\top W y$ is
large if sides keep to themselves; $\sum_i y_i \log r_i$ shows that one side lies in denser places; and
$\sum_i y_i r_i^2$ that it has more outliers. Each over its standard deviation by chance; the farthest counts.
A product of labels with a sparse matrix serves all relabelings.

References:
    Multivariate two-sample tests based on nearest neighbors (Schilling, 1986), doi:10.1080/01621459.1986.10478337
    A multivariate two-sample test based on the number of nearest neighbor type coincidences (Henze, 1988),
        doi:10.1214/aos/1176350835
    A new graph-based two-sample test for multivariate and object data (Chen & Friedman, 2017),
        doi:10.1080/01621459.2016.1147356
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from scipy.sparse import csr_array
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from simulacra.comparison.rows import Rows, Sides, Stratum
from simulacra.comparison.scores import RobustScores, along, leading, rounding_of
from simulacra.core.samples import Array

MOST = 6000  # rows of both sides
FEATURES = 32  # beyond, leading components
FLAT = 3  # directions up to which neighbors are found in a tree of places
NEAREST = 10  # neighbors that stand on a side
TIED = 30  # rows as far away as the last neighbor share its place; if they are more, none of them has it
BLOCK = 4 * 10**6  # distances in memory at a time: 32 MB, and as much for their order
EQUAL = 1e-9  # relative: equal up to rounding is equal


@dataclass(frozen=True)
class Graph:
    """The edges of one stratum.

    Args:
        edges: between groups, symmetric, (G, G).
        logs: sums over groups of log r and of r², centered, (G, 2).
    """

    edges: csr_array
    logs: Array

    @classmethod
    def of(cls, z: Float[np.ndarray, "n r"], stratum: Stratum, nearest: int) -> Graph:
        """Each row's nearest neighbors of other groups."""
        n = len(z)
        nearest = max(1, min(nearest, n // 5, n - int(stratum.counts.max())))
        if n == int(stratum.counts.max()):  # one group: nobody to compare with
            return cls(csr_array((len(stratum), len(stratum))), np.zeros((len(stratum), 2)))
        start, source, target, weight, radius = 0, [], [], [], []
        step = max(1, BLOCK // n)
        while start < n:
            some = np.arange(start, min(n, start + step))
            far, at, share = _nearest(z, some, stratum.owner, nearest)
            row, column = np.nonzero(share)
            source.append(some[row])
            target.append(at[row, column])
            weight.append(share[row, column])
            radius.append(far)
            start += step
        joined = (
            np.concatenate(weight),
            (stratum.owner[np.concatenate(source)], stratum.owner[np.concatenate(target)]),
        )
        edges = csr_array(joined, shape=(len(stratum), len(stratum)))
        return cls(csr_array((edges + edges.T) / 2), stratum.sums(_log_radii(np.concatenate(radius))))


@dataclass(frozen=True)
class NeighborView:
    """Edges between neighbors of one side, density and outliers: the farthest of the three from chance.

    Scores are robust, clipped, and turned so that every direction has unit variance. Beyond 6,000 rows a random part
    of the groups is joined. Where the sides are parts of the rows, each row has as many more neighbors.

    Args:
        strata: the strata, or the part of each that is looked at.
        kept: the groups of each that are looked at.
        graphs: of each stratum.
    """

    name: ClassVar[str] = "neighbors"
    strata: list[Stratum]
    kept: list[Array]
    graphs: list[Graph]

    @classmethod
    def of(cls, rows: Rows, part: float = 1.0) -> NeighborView:
        """The neighbors of all rows."""
        z = RobustScores.of(rows)(rows.features)
        z = along(z, leading(z, FEATURES))
        z = z @ rounding_of(z)
        strata, kept = map(list, zip(*(s.part(MOST / len(rows)) for s in rows.strata), strict=True))
        nearest = round(NEAREST / part)
        graphs = [Graph.of(z[s.at], s, nearest) for s in strata]
        return cls(strata, kept, graphs)

    def __call__(self, sides: Sides) -> Float[np.ndarray, " P"]:
        """The farthest of the three numbers in each draw."""
        sides = sides.some(self.kept)
        value, variance = np.zeros((3, len(sides.a[0]))), np.zeros((3, len(sides.a[0])))
        sizes = zip(*sides.sizes(self.strata), strict=True)
        for s, graph, a, b, (n, m) in zip(self.strata, self.graphs, sides.a, sides.b, sizes, strict=True):
            y = a * (m / (n + m))[:, None] - b * (n / (n + m))[:, None]
            each = n * m / (n + m) ** 2  # the variance of a row's label
            there = (n + m) / s.counts.sum()
            value[0] += np.einsum("gp,gp->p", graph.edges @ y.T, y.T)
            variance[0] += 2 * each**2 * there**2 * (graph.edges.data**2).sum()
            value[1:] += (y @ graph.logs).T
            variance[1:] += each * there * (graph.logs**2).sum(axis=0)[:, None]
        value[1:] = np.abs(value[1:])
        return np.asarray(
            np.where(variance > 0, value / np.sqrt(np.where(variance > 0, variance, 1.0)), 0.0).max(axis=0)
        )


def _nearest(z: Array, some: Array, owner: Array, nearest: int) -> tuple[Array, Array, Array]:
    """How far away the last neighbor of some rows is, (n,); who comes into question, and with what share, (n, q)."""
    last = min(nearest + TIED, len(z))
    if 0 < z.shape[1] <= FLAT and last < len(z) and len(np.unique(owner)) == len(owner):
        far, at = _in_tree(z, some, last)
    else:
        distances = cdist(z[some], z)
        distances[owner[some, None] == owner] = np.inf
        at = np.argpartition(distances, last - 1, axis=1)[:, :last]
        far = np.take_along_axis(distances, at, axis=1)
    radius = np.partition(far, nearest - 1, axis=1)[:, nearest - 1]
    slack = EQUAL * (1 + radius[:, None])
    nearer, beyond = far < radius[:, None] - slack, far > radius[:, None] + slack
    tied = ~nearer & ~beyond
    if last < len(z):
        tied &= beyond.any(axis=1, keepdims=True)  # else there may be more of them, and who was taken would be chance
    left = (nearest - nearer.sum(axis=1)) / np.maximum(tied.sum(axis=1), 1)
    return radius, at, nearer + tied * left[:, None]


def _in_tree(z: Array, some: Array, last: int) -> tuple[Array, Array]:
    """Distances to so many nearest other rows, and which they are, by a tree of places: fast where directions are few.

    Whoever has so many rows in its very place that it is not among its own neighbors leaves out the farthest.
    """
    far, at = cKDTree(z, balanced_tree=False).query(z[some], last + 1)
    itself: Array = np.asarray(at == np.asarray(some)[:, None])
    itself[~itself.any(axis=1), -1] = True
    kept = ~itself
    return far[kept].reshape(-1, last), at[kept].reshape(-1, last)


def _log_radii(radius: Array) -> Array:
    """log r and r², centered, (n, 2); 0 where all are equal."""
    typical = radius.mean()
    if radius.max() - radius.min() <= EQUAL * (1 + typical):
        return np.zeros((len(radius), 2))
    stated = np.column_stack([np.log(np.maximum(radius, 1e-3 * typical)), radius**2])
    return np.asarray(stated - stated.mean(axis=0))
