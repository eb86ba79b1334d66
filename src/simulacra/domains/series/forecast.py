"""A forecast: the predictive law of the next days, as a mixture of normal laws of equal weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import logsumexp, ndtr, ndtri

from simulacra.core.samples import Array

_HALF_LOG_TAU = 0.5 * np.log(2 * np.pi)


@dataclass(frozen=True, eq=False)
class Forecast:
    r"""The law of each of N × H values: $p(y) = \frac1K \sum_k \mathcal N(y \mid \mu_k, \sigma_k^2)$.

    One normal law (K = 1) where a model is Gaussian; one for each simulated path where it is not.

    Args:
        mu: means of the parts, (N, H, K), in the unit of the series.
        sigma: their standard deviations, (N, H, K), positive.
    """

    mu: Array
    sigma: Array

    def __post_init__(self) -> None:
        if self.mu.ndim != 3 or self.mu.shape != self.sigma.shape:
            raise ValueError(f"mu and sigma are (N, H, K), not {self.mu.shape} and {self.sigma.shape}")

    @classmethod
    def normal(cls, mean: Array, sd: Array) -> Forecast:
        """Of one normal law each, (N, H)."""
        mean, sd = np.broadcast_arrays(np.asarray(mean, dtype=float), np.asarray(sd, dtype=float))
        return cls(mean[..., None], np.maximum(sd, 1e-12)[..., None])

    def __len__(self) -> int:
        return len(self.mu)

    def __getitem__(self, at: slice | Array) -> Forecast:
        """Of some of the origins."""
        return replace(self, mu=self.mu[at], sigma=self.sigma[at])

    def step(self, h: int) -> Forecast:
        """`h` days ahead alone (1 is the next day), (N, 1, K)."""
        return replace(self, mu=self.mu[:, h - 1 : h], sigma=self.sigma[:, h - 1 : h])

    @property
    def mean(self) -> Array:
        """(N, H)."""
        return np.asarray(self.mu.mean(axis=-1))

    @property
    def sd(self) -> Array:
        """(N, H)."""
        return np.asarray(np.sqrt((self.sigma**2).mean(axis=-1) + self.mu.var(axis=-1)))

    def cdf(self, y: Array) -> Array:
        """The probability of less than y, (N, H): uniform over true values if the law is right (the PIT)."""
        return np.asarray(ndtr((np.asarray(y)[..., None] - self.mu) / self.sigma).mean(axis=-1))

    def log_density(self, y: Array) -> Array:
        """log p(y), (N, H), in nats per value."""
        z = (np.asarray(y)[..., None] - self.mu) / self.sigma
        return np.asarray(
            logsumexp(-0.5 * z**2 - np.log(self.sigma) - _HALF_LOG_TAU, axis=-1) - np.log(self.mu.shape[-1])
        )

    def crps(self, y: Array) -> Array:
        r"""$\int (F(u) - 1[u \ge y])^2\,du = E|Y - y| - \frac12 E|Y - Y'|$, (N, H), in the unit of the series.

        References:
            The continuous ranked probability score for circular variables and its application to mesoscale forecast
            ensemble verification (Grimit et al., 2006), doi:10.1256/qj.05.235
        """
        far = _absolute(np.asarray(y)[..., None] - self.mu, self.sigma).mean(axis=-1)
        parts = self.mu.shape[-1]
        within = np.zeros(self.mu.shape[:2])
        for k in range(parts):  # one part against all: (N, H, K) at a time
            spread = np.hypot(self.sigma, self.sigma[..., k : k + 1])
            within += _absolute(self.mu - self.mu[..., k : k + 1], spread).mean(axis=-1)
        return np.asarray(far - 0.5 * within / parts)

    def quantile(self, q: float | Sequence[float]) -> Array:
        """Where the law has less than q, (N, H) for one q, (Q, N, H) for several; by bisection of mixtures."""
        several = np.atleast_1d(np.asarray(q, dtype=float))[:, None, None]
        if self.mu.shape[-1] == 1:  # one normal law: no search
            exact = self.mu[..., 0] + self.sigma[..., 0] * ndtri(several)
            return np.asarray(exact if np.ndim(q) else exact[0])
        low = np.broadcast_to((self.mu - 9 * self.sigma).min(axis=-1), (len(several), *self.mu.shape[:2])).copy()
        high = np.broadcast_to((self.mu + 9 * self.sigma).max(axis=-1), low.shape).copy()
        for _ in range(60):
            middle = 0.5 * (low + high)
            below = ndtr((middle[..., None] - self.mu) / self.sigma).mean(axis=-1) < several
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        found = 0.5 * (low + high)
        return np.asarray(found if np.ndim(q) else found[0])

    def draw(self, rng: np.random.Generator) -> Array:
        """One value each, (N, H); the days are drawn independently of one another."""
        part = rng.integers(self.mu.shape[-1], size=self.mu.shape[:2])[..., None]
        mu, sigma = (np.take_along_axis(a, part, axis=-1)[..., 0] for a in (self.mu, self.sigma))
        return np.asarray(mu + sigma * rng.standard_normal(mu.shape))


def _absolute(mu: Array, sigma: Array) -> Array:
    """E|X| of a normal law."""
    z = mu / sigma
    return np.asarray(mu * (2 * ndtr(z) - 1) + 2 * sigma * np.exp(-0.5 * z**2 - _HALF_LOG_TAU))
