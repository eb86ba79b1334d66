"""What is known of a source after its pixels were seen: one contract for every way of inference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Array


class Posterior(Protocol):
    """Of one source of a known type; its numbers are those of `domains.photometry.pixel_likelihood`."""

    kind: str
    log_evidence: float
    effective: float

    def draws(self, n: int, rng: np.random.Generator) -> Float[np.ndarray, "n d"]:
        """n draws of the source's numbers, all of equal weight."""
        ...

    def moments(self) -> tuple[Float[np.ndarray, " d"], Float[np.ndarray, "d d"]]:
        """Mean and covariance of the numbers."""
        ...


@dataclass(frozen=True)
class GaussianPosterior:
    """Laplace's approximation: a Gaussian about the mode.

    Args:
        kind: `star` or `galaxy`.
        mode: (d,).
        covariance: (d, d).
        log_evidence: of the type, by Laplace's method; per square pixel of position.
        effective: draws are independent, so as many as one asks for: infinite.
    """

    kind: str
    mode: Array
    covariance: Array
    log_evidence: float
    effective: float = float("inf")

    def draws(self, n: int, rng: np.random.Generator) -> Float[np.ndarray, "n d"]:
        """From the Gaussian."""
        return np.asarray(self.mode + rng.standard_normal((n, len(self.mode))) @ np.linalg.cholesky(self.covariance).T)

    def moments(self) -> tuple[Array, Array]:
        """Mode and covariance."""
        return self.mode, self.covariance


@dataclass(frozen=True)
class WeightedPosterior:
    """Draws with weights, of importance sampling; of a chain with equal ones.

    Args:
        kind: `star` or `galaxy`.
        numbers: (n, d).
        weights: they sum to 1, (n,).
        log_evidence: of the type.
        effective: how many independent draws are worth as much.
    """

    kind: str
    numbers: Array
    weights: Array
    log_evidence: float
    effective: float

    def draws(self, n: int, rng: np.random.Generator) -> Float[np.ndarray, "n d"]:
        """Drawn again by weight, systematically: each appears as often as its weight says, to within one."""
        places = np.searchsorted(np.cumsum(self.weights), (rng.random() + np.arange(n)) / n)
        return np.asarray(self.numbers[np.minimum(places, len(self.weights) - 1)])

    def moments(self) -> tuple[Array, Array]:
        """Weighted mean and covariance."""
        mean = self.weights @ self.numbers
        away = self.numbers - mean
        return mean, (self.weights[:, None] * away).T @ away


def quantile(
    values: Float[np.ndarray, " n"], weights: Float[np.ndarray, " n"], levels: Float[np.ndarray, " q"]
) -> Float[np.ndarray, " q"]:
    """Quantiles of weighted values, linear between the middles of their weights."""
    order = np.argsort(values)
    w = weights[order]
    return np.asarray(np.interp(levels, (np.cumsum(w) - 0.5 * w) / w.sum(), values[order]))
