r"""Means and spreads of columns over rows that are never all in memory: moments of blocks, merged exactly.

With $\delta = \bar x_B - \bar x_A$ the sums of powers about the mean merge as
$M_2 = M_2^A + M_2^B + \delta^2 n_A n_B / n$, and likewise $M_3$ and $M_4$; so the order and the size of the blocks
change nothing but the rounding.

References:
    Updating formulae and a pairwise algorithm for computing sample variances (Chan, Golub & LeVeque, 1979)
    Formulas for robust, one-pass parallel computation of covariances and arbitrary-order statistical moments
        (Pébay, 2008), Sandia report SAND2008-6212
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Moments:
    """Of k columns; values that are no finite numbers count nowhere.

    Args:
        n: values of each column, (k,).
        mean: of them, (k,).
        powers: sums of the second, third and fourth power about the mean, (3, k).
    """

    n: Array
    mean: Array
    powers: Array

    @classmethod
    def of(cls, x: Array) -> Moments:
        """Of a block of rows, (rows, k)."""
        known = np.isfinite(x)
        n = known.sum(axis=0).astype(np.float64)
        whole = bool(known.all())
        values = np.asarray(x, dtype=np.float64) if whole else np.where(known, x, 0.0).astype(np.float64)
        mean = values.sum(axis=0) / np.maximum(n, 1)
        gap = values - mean if whole else np.where(known, values - mean, 0.0)
        square = gap * gap
        powers = [square.sum(axis=0), np.einsum("ij,ij->j", square, gap), np.einsum("ij,ij->j", square, square)]
        return cls(n, mean, np.stack(powers))

    def merged(self, other: Moments) -> Moments:
        """Of the rows of both."""
        a, b = self.n, other.n
        n = np.maximum(a + b, 1)
        d = other.mean - self.mean
        (s2, s3, s4), (t2, t3, t4) = self.powers, other.powers
        m2 = s2 + t2 + d**2 * a * b / n
        m3 = s3 + t3 + d**3 * a * b * (a - b) / n**2 + 3 * d * (a * t2 - b * s2) / n
        m4 = s4 + t4 + d**4 * a * b * (a**2 - a * b + b**2) / n**3
        m4 = m4 + 6 * d**2 * (a**2 * t2 + b**2 * s2) / n**2 + 4 * d * (a * t3 - b * s3) / n
        return Moments(a + b, self.mean + d * b / n, np.stack([m2, m3, m4]))

    def column(self, place: int) -> Moments:
        """Of one of the columns."""
        at = slice(place, place + 1)
        return Moments(self.n[at], self.mean[at], self.powers[:, at])

    @property
    def spread(self) -> Array:
        """Standard deviations, (k,)."""
        return np.asarray(np.sqrt(self.powers[0] / np.maximum(self.n - 1, 1)))

    @property
    def mean_error(self) -> Array:
        """The standard error of each mean, for independent rows, (k,)."""
        return np.asarray(self.spread / np.sqrt(np.maximum(self.n, 1)))

    @property
    def spread_error(self) -> Array:
        r"""The standard error of each standard deviation, $\sqrt{(\mu_4 - \sigma^4) / 4 \sigma^2 n}$, (k,)."""
        n = np.maximum(self.n, 1)
        variance, fourth = self.powers[0] / n, self.powers[2] / n
        safe = np.where(variance > 0, variance, 1.0)
        return np.where(variance > 0, np.sqrt(np.maximum(fourth - variance**2, 0.0) / (4 * safe * n)), 0.0)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"n": self.n.astype(int).tolist(), "mean": self.mean.tolist(), "powers": self.powers.tolist()}

    @classmethod
    def from_dict(cls, part: Mapping[str, Any]) -> Moments:
        """What `to_dict` gave."""
        return cls(*(np.asarray(part[name], dtype=np.float64) for name in ("n", "mean", "powers")))
