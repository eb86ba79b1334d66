r"""A classifier that tries to distinguish the sides, refitted for every relabeling.

Ridge regression of the label $y$ on quadratic features is linear in $y$: with the hat matrix $H = F F^\top$, fixed once
for all labelings, the scores of the rows of a group $g$ by the classifier that has not seen that group are
$(I - H_{gg})^{-1} (H y - H_{gg}\,y)_g$. Their sum times $y$ is, over all groups,
$\sum_{g \neq g'} y_g\,(\sum_{i \in g} u_i F_i)\cdot(\sum_{j \in g'} F_j)\,y_{g'}$ with $u_g = (I - H_{gg})^{-1} 1$: two
products of matrices for a thousand refits.

References:
    Revisiting classifier two-sample tests (Lopez-Paz & Oquab, 2017), arXiv:1610.06545
    Global and local two-sample tests via regression (Kim, Lee & Lei, 2019), doi:10.1214/19-EJS1648
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.comparison.rows import Rows, Sides, Stratum
from simulacra.comparison.scores import RobustScores, along, leading, products, rounding_of
from simulacra.core.samples import Array

LINEAR, SQUARED = 200, 32  # features that enter, and whose products enter; beyond, leading components
SPENT = 0.05  # degrees of freedom a group that the classifier may use, at most
LEAST = 1e-3  # the penalty's least size, over the variance of a feature


def quadratic(rows: Rows) -> Float[np.ndarray, "n d"]:
    """Robust scores, two powers of their radius, and their products, centered within strata, of unit variance.

    The radius, in which every direction has unit variance, shows tails: its first power weighs the middle of a law
    and its fourth the outliers, where the products know the second alone.

    Args:
        rows: of both sides together.
    """
    z = RobustScores.of(rows)(rows.features)
    some = along(z, leading(z, SQUARED))
    radius = np.sqrt(((some @ rounding_of(some)) ** 2).sum(axis=1, keepdims=True))
    x = products(some, beside=np.concatenate([along(z, leading(z, LINEAR)), radius, radius**4], axis=1))
    for s in rows.strata:
        x[s.at] -= x[s.at].mean(axis=0)
    scale = x.std(axis=0)
    x /= np.where(scale > 1e-9, scale, np.inf)  # a constant column is 0
    return x


@dataclass(frozen=True)
class ClassifierView:
    """How far apart ridge regression puts the sides, each group scored by a fit that has not seen it.

    One classifier serves all strata; labels are centered within each. The penalty is the smallest that keeps the
    degrees of freedom below a twentieth of the number of groups: it is chosen without the labels. Where the sides are
    parts of the rows, the hat matrix of all rows, times as much more, stands for theirs.

    Args:
        strata: of the rows.
        fits: sums of $F_i$ over groups in each stratum, (G, r).
        held: sums of $u_i F_i$ over groups, (G, r); the $u_i$ alone where every row is a group, (G,).
    """

    name: ClassVar[str] = "classifier"
    strata: list[Stratum]
    fits: list[Array]
    held: list[Array]

    @classmethod
    def of(cls, rows: Rows, part: float = 1.0) -> ClassifierView:
        """The hat matrix of all rows, as a product."""
        x = quadratic(rows)
        directions, sizes = _moments(x)
        spent = max(1.0, SPENT * part * sum(map(len, rows.strata)))
        whitening = directions / np.sqrt(part * (sizes + len(x) * penalty(sizes / len(x), spent)))
        whitening = whitening.astype(x.dtype)
        f = x @ whitening
        del x  # as large as f
        weights = [_weights(f[s.at], s) for s in rows.strata]
        fits = [s.sums(f[s.at]) for s in rows.strata]
        held = [u if s.single else s.sums(u[:, None] * f[s.at]) for s, u in zip(rows.strata, weights, strict=True)]
        return cls(rows.strata, fits, held)

    def __call__(self, sides: Sides) -> Float[np.ndarray, " P"]:
        """The sum over groups of label times held-out score, for each draw."""
        seen, held, own = np.zeros(()), np.zeros(()), np.zeros(())
        n, m = sides.sizes(self.strata)
        for i in range(len(self.strata)):
            a = sides.a[i] * (m[i] / (n[i] + m[i]))[:, None]
            b = sides.b[i] * (n[i] / (n[i] + m[i]))[:, None]
            stated = _scores(a - b, self.fits[i], self.held[i])
            seen, held, own = (t + u for t, u in zip((seen, held, own), stated, strict=True))
        return np.asarray(np.einsum("pr,pr->p", seen, held) - own, dtype=float)


def penalty(sizes: Float[np.ndarray, " r"], spent: float) -> float:
    """The least ridge penalty, at least `LEAST`, with at most `spent` degrees of freedom, the sum of s/(s + penalty).

    >>> round(penalty(np.ones(10), 5.0), 6)
    1.0
    """
    low, high = np.log(LEAST), np.log(max(LEAST, sizes.sum() / spent))  # there, the sum of s/penalty alone is `spent`
    if (sizes / (sizes + LEAST)).sum() <= spent:
        return LEAST
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if (sizes / (sizes + np.exp(middle))).sum() > spent else (low, middle)
    return float(np.exp(high))


def _scores(y: Array, fits: Array, held: Array) -> tuple[Array, Array, Array]:
    """What labels (P, G) add to the fit, to the held-out scores, and what groups would have told of themselves."""
    y = y.astype(fits.dtype)
    if held.ndim == 1:
        return y @ fits, (y * held) @ fits, (y * y) @ (held * np.einsum("gr,gr->g", fits, fits))
    return y @ fits, y @ held, (y * y) @ np.einsum("gr,gr->g", fits, held)


def _moments(x: Array) -> tuple[Array, Array]:
    """Directions and sizes of the columns' second moments, (d, r) and (r,), by way of the smaller matrix."""
    n, d = x.shape
    if d <= n:
        sizes, directions = np.linalg.eigh((x.T @ x).astype(float))
        return directions, np.maximum(sizes, 0.0)
    sizes, vectors = np.linalg.eigh(x @ x.T)
    kept = sizes > 1e-10 * max(sizes[-1], 1e-300)
    return x.T @ (vectors[:, kept] / np.sqrt(sizes[kept])), sizes[kept]


def _weights(f: Array, stratum: Stratum) -> Array:
    r"""The rows' $u_g = (I - H_{gg})^{-1} 1$, (n,)."""
    if stratum.single:
        return np.asarray(1 / (1 - np.einsum("nr,nr->n", f, f)))
    u = np.empty(len(f), dtype=f.dtype)
    order = np.argsort(stratum.owner, kind="stable")
    for at in np.split(order, np.cumsum(stratum.counts)[:-1].astype(int)):
        own = f[at]
        if len(at) <= own.shape[1]:
            u[at] = np.linalg.solve(np.eye(len(at)) - own @ own.T, np.ones(len(at)))
        else:  # a large group: by way of the smaller matrix
            u[at] = 1 + own @ np.linalg.solve(np.eye(own.shape[1]) - own.T @ own, own.sum(axis=0))
    return u
