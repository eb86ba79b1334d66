"""What a careful scientist would fill hidden pixels with: the mean image, a neighbor's pixels, or linear regression."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, Float

from simulacra.baselines.pca import principal
from simulacra.core.errors import BadInput

Filler = Callable[[Float[np.ndarray, "n D"], Bool[np.ndarray, "n D"]], Float[np.ndarray, "n D"]]
"""From rows, and which of their numbers are seen, to the rows with all others filled in; it never reads the others."""


def mean_image(train: Float[np.ndarray, "m D"]) -> Filler:
    """Each hidden number is its mean over the training rows."""
    mean = train.mean(axis=0)
    return lambda x, seen: np.where(seen, x, mean)


def nearest_neighbor(train: Float[np.ndarray, "m D"]) -> Filler:
    """Hidden numbers are those of the training row that is nearest in the numbers that are seen."""

    def fill(x: Float[np.ndarray, "n D"], seen: Bool[np.ndarray, "n D"]) -> Float[np.ndarray, "n D"]:
        known, weight = np.where(seen, x, 0.0), seen.astype(float)
        # |x - t|² over the seen numbers, less the part that is the same for all training rows
        distance = weight @ np.square(train).T - 2 * known @ train.T
        return np.where(seen, x, train[distance.argmin(axis=1)])

    return fill


def linear_regression(train: Float[np.ndarray, "m D"], components: int = 100) -> Filler:
    r"""The mean of the hidden numbers given the seen ones, where rows follow probabilistic PCA.

    With $x = \mu + L u + \epsilon$, u standard normal and the noise white of variance σ², the best guess of u from the
    seen numbers is $(L_s^\top L_s + \sigma^2)^{-1} L_s^\top (x_s - \mu_s)$: ridge regression, for every mask its own.

    Args:
        train: rows to learn from.
        components: principal directions in L; never more than the rows span.

    References:
        Probabilistic Principal Component Analysis (Tipping & Bishop, 1999), doi:10.1111/1467-9868.00196
    """
    if components < 1 or len(train) < 3:
        raise BadInput(
            "regression needs three rows or more, and a component or more",
            f"{len(train)} rows, components={components}",
            "take components=100",
        )
    mean, (n, d) = train.mean(axis=0), train.shape
    centered = train - mean  # in the precision of the rows: single is half the work
    variances, directions = principal(centered, min(components, n - 2, d - 1))
    noise = max(float(np.square(centered).sum() / n - variances.sum()) / (d - len(variances)), 1e-12)
    loads = (directions * np.sqrt(np.maximum(variances - noise, 0.0))[:, None]).astype(np.float64)

    def fill(x: Float[np.ndarray, "n D"], seen: Bool[np.ndarray, "n D"]) -> Float[np.ndarray, "n D"]:
        out = np.array(x, dtype=np.float64)
        for row, known in zip(out, seen, strict=True):
            part = loads[:, known]
            u = np.linalg.solve(part @ part.T + noise * np.eye(len(loads)), part @ (row[known] - mean[known]))
            row[~known] = mean[~known] + u @ loads[:, ~known]
        return out

    return fill
