"""Features brought to one scale, and their products: how they go together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from simulacra.comparison.rows import Rows
from simulacra.core.samples import Array

SINGLE = 2 * 10**7  # entries from which products are kept in single precision: half of the memory and time
FLATTEST = 1e-3  # of the mean second moment: a direction with less is not stretched
FARTHEST = 6.0  # robust standard deviations: where values are clipped


@dataclass(frozen=True)
class RobustScores:
    """Each feature's distance from its median in robust standard deviations, clipped at six of them.

    Outliers keep their place, and none outweighs all others. The scale is the distance between the quartiles, or the
    standard deviation where half of the values are equal; a constant feature is 0.

    Args:
        rows: both sides.
        center: the medians in each stratum, (k,).
        scale: in each stratum, (k,).
    """

    rows: Rows
    center: list[Array]
    scale: list[Array]

    @classmethod
    def of(cls, rows: Rows) -> RobustScores:
        """Medians and scales of both sides together."""
        center, scale = [], []
        for s in rows.strata:
            low, middle, high = np.quantile(rows.features[s.at], (0.25, 0.5, 0.75), axis=0)
            sigma, tiny = rows.features[s.at].std(axis=0), 1e-12 * (1 + np.abs(middle))
            sigma = np.where(high - low > tiny, (high - low) / 1.349, sigma)
            center.append(middle)
            scale.append(np.where(sigma > tiny, sigma, np.inf))
        return cls(rows, center, scale)

    def __call__(self, features: Float[np.ndarray, "n k"]) -> Float[np.ndarray, "n k"]:
        """The scores of rows in the order of the known ones."""
        out = np.empty(features.shape)
        for s, center, scale in zip(self.rows.strata, self.center, self.scale, strict=True):
            out[s.at] = np.clip((features[s.at] - center) / scale, -FARTHEST, FARTHEST)
        return out


def leading(scores: Float[np.ndarray, "n k"], most: int) -> Float[np.ndarray, "k j"] | None:
    """The directions of largest second moment, if there are more than `most` features; else None: all are kept."""
    n, k = scores.shape
    if k <= most:
        return None
    if k <= n:
        return np.asarray(np.linalg.eigh(scores.T @ scores)[1][:, ::-1][:, :most])
    _, vectors = np.linalg.eigh(scores @ scores.T)  # fewer rows than features: by way of the smaller matrix
    return np.asarray(np.linalg.qr(scores.T @ vectors[:, ::-1][:, :most])[0])


def along(scores: Float[np.ndarray, "n k"], basis: Float[np.ndarray, "k j"] | None) -> Float[np.ndarray, "n j"]:
    """The scores along the leading directions, or as they are."""
    return scores if basis is None else scores @ basis


def rounding_of(scores: Float[np.ndarray, "n j"]) -> Float[np.ndarray, "j r"]:
    """The directions of second moments over their sizes' roots; none counts that is a thousandth of the mean."""
    sizes, directions = np.linalg.eigh(scores.T @ scores / len(scores))
    kept = sizes > FLATTEST * max(float(sizes.mean()), 1e-12)
    return np.asarray(directions[:, kept] / np.sqrt(sizes[kept]))


def products(
    scores: Float[np.ndarray, "n j"], beside: Float[np.ndarray, "n i"] | None = None
) -> Float[np.ndarray, "n q"]:
    """The squares and, times √2, the products of each row: j (j + 1)/2 columns with the norm of the matrix of all.

    Args:
        scores: what is multiplied.
        beside: columns to stand before the products.
    """
    n, k = scores.shape
    start = 0 if beside is None else beside.shape[1]
    columns = start + k * (k + 1) // 2
    out = np.empty((n, columns), dtype=np.float32 if n * columns > SINGLE else np.float64)
    out[:, :start] = 0 if beside is None else beside
    for j in range(k):
        part = out[:, start : start + k - j]
        np.multiply(scores[:, j:], scores[:, j : j + 1], out=part, casting="same_kind")
        part[:, 1:] *= np.sqrt(2)
        start += k - j
    return out
