"""A normal law of rows with gaps: what is known of the gaps from the rest of a row, and draws of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

CELLS = 2_000_000
"""Numbers in one batch of small matrices: 16 MB."""
LOOSE = 1.2
"""How much longer the longest row of a batch may be than its shortest, in gaps."""


@dataclass(frozen=True, eq=False)
class Normal:
    """Mean and covariance of a row.

    Letters: q numbers in a row.

    Args:
        mean: (q,).
        covariance: (q, q), positive definite.
    """

    mean: Float[np.ndarray, " q"]
    covariance: Float[np.ndarray, "q q"]


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of the gaps.

    Args:
        mean: the rows with each gap at its conditional mean, (n, q).
        variance: of each gap given the rest of its row, (n, q); 0 where nothing is missing.
        spread: the conditional covariances of the gaps, summed over rows, (q, q).
        drawn: the rows with each row's gaps drawn together, (n, q); none if no random numbers were given.
    """

    mean: Float[np.ndarray, "n q"]
    variance: Float[np.ndarray, "n q"]
    spread: Float[np.ndarray, "q q"]
    drawn: Float[np.ndarray, "n q"] | None = None


def known(
    z: Float[np.ndarray, "n q"], gaps: Bool[np.ndarray, "n q"], law: Normal, rng: np.random.Generator | None = None
) -> Known:
    """The gaps given the rest of their rows.

    Rows are worked on in batches of like numbers of gaps, by the precision matrix: the work grows with the cube of the
    gaps in a row, not of the columns.

    Args:
        z: the rows; what stands in gaps is not looked at.
        gaps: where they are.
        law: of the rows.
        rng: where draws are wanted.
    """
    q = z.shape[1]
    precision = np.linalg.inv(law.covariance)
    precision = (precision + precision.T) / 2
    apart = np.where(gaps, 0.0, z - law.mean)
    pull = apart @ precision
    mean, variance = np.where(gaps, law.mean, z), np.zeros(z.shape)
    drawn = None if rng is None else mean.copy()
    spread = np.zeros(q * q)
    for rows, places, real in batches(gaps):
        within = precision[places[:, :, None], places[:, None, :]]
        pair = real[:, :, None] & real[:, None, :]
        within = np.where(pair, within, np.eye(places.shape[1]))
        inverse = np.linalg.inv(within)
        force = np.where(real, pull[rows[:, None], places], 0.0)
        shift = -(inverse @ force[:, :, None])[:, :, 0]
        at = (np.repeat(rows, real.sum(axis=1)), places[real])
        mean[at] = law.mean[at[1]] + shift[real]
        variance[at] = np.diagonal(inverse, axis1=1, axis2=2)[real]
        spread += np.bincount(
            (places[:, :, None] * q + places[:, None, :])[pair], weights=inverse[pair], minlength=q * q
        )
        if rng is not None and drawn is not None:
            root = np.linalg.cholesky(inverse)
            noise = (root @ rng.standard_normal((*places.shape, 1)))[:, :, 0]
            drawn[at] = mean[at] + noise[real]
    return Known(mean, variance, spread.reshape(q, q), drawn)


def batches(
    gaps: Bool[np.ndarray, "n q"],
) -> Iterator[tuple[Int[np.ndarray, " r"], Int[np.ndarray, "r w"], Bool[np.ndarray, "r w"]]]:
    """Rows with gaps in batches: which rows, where their gaps are, padded, and which of these places are real."""
    count = gaps.sum(axis=1)
    order = np.argsort(count, kind="stable")
    order = order[count[order] > 0]
    start = 0
    while start < len(order):
        least = int(count[order[start]])
        stop = int(np.searchsorted(count[order], max(least + 2, int(LOOSE * least)), side="right"))
        width = int(count[order[stop - 1]])
        stop = min(stop, start + max(1, CELLS // (width * width)))
        rows = order[start:stop]
        width = int(count[rows[-1]])
        places = np.argsort(~gaps[rows], axis=1, kind="stable")[:, :width]
        yield rows, places, np.arange(width) < count[rows][:, None]
        start = stop


def log_density(z: Float[np.ndarray, "n q"], gaps: Bool[np.ndarray, "n q"], law: Normal) -> Float[np.ndarray, " n"]:
    """Log-density of what is there in each row, the gaps integrated out."""
    found = np.zeros(len(z))
    for rows, places, real in batches(~gaps):
        pair = real[:, :, None] & real[:, None, :]
        within = np.where(pair, law.covariance[places[:, :, None], places[:, None, :]], np.eye(places.shape[1]))
        root = np.linalg.cholesky(within)
        apart = np.where(real, z[rows[:, None], places] - law.mean[places], 0.0)
        white = np.linalg.solve(root, apart[:, :, None])[:, :, 0]
        size = 2 * np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
        found[rows] = -0.5 * ((white**2).sum(axis=1) + size + real.sum(axis=1) * np.log(2 * np.pi))
    return found


def law_given(z: Float[np.ndarray, "n q"], ridge: float, rng: np.random.Generator) -> Normal:
    r"""A draw of mean and covariance given complete rows, $\Sigma \sim W^{-1}(\lambda I + S,\ n + q + 1)$.

    The prior is an inverse Wishart law of q + 2 degrees of freedom about $\lambda I$, and flat in the mean.

    Args:
        z: complete rows.
        ridge: $\lambda$, in rows' worth of unit variance.
        rng: of the draw.
    """
    n, q = z.shape
    middle = z.mean(axis=0)
    apart = z - middle
    scatter = apart.T @ apart + ridge * np.eye(q)
    freedom = n + q + 2 - 1  # the mean is drawn as well
    lower = np.tril(rng.standard_normal((q, q)), -1)
    lower[np.diag_indices(q)] = np.sqrt(rng.chisquare(freedom - np.arange(q)))
    root = np.linalg.cholesky(scatter)
    half = np.linalg.solve(lower, root.T).T  # root @ inv(lower).T: half @ half.T is the draw
    covariance = half @ half.T
    return Normal(middle + half @ rng.standard_normal(q) / np.sqrt(n), (covariance + covariance.T) / 2)
