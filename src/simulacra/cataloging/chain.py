"""A source's posterior by Markov chains: the reference against which the fast ways are held.

Hamiltonian Monte Carlo in the coordinates in which Laplace's Gaussian is round, so that neither scales nor steps have
to be learnt; likelihood and gradient are the machine code's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulacra.cataloging.posterior import GaussianPosterior, WeightedPosterior
from simulacra.cataloging.stamp import Stamp
from simulacra.core.samples import Array
from simulacra.domains.photometry.pixel_likelihood import curvature
from simulacra.domains.photometry.source_prior import SourcePrior, log_prior

STEP, PATH = 0.35, 5
"""Length of a leap in units of the posterior's spread, and leaps on a path on average: a quarter of a turn."""


@dataclass(frozen=True)
class Chains:
    """States of several independent chains and how well they have mixed.

    Args:
        posterior: their draws, equally weighted.
        r_hat: largest split R-hat of the numbers; 1 where chains agree.
        effective: smallest effective number of draws.
        evaluations: of the likelihood.
    """

    posterior: WeightedPosterior
    r_hat: float
    effective: float
    evaluations: int


def chain(
    first: GaussianPosterior,
    stamp: Stamp,
    prior: SourcePrior,
    rng: np.random.Generator,
    draws: int = 500,
    warm: int = 50,
    chains: int = 4,
) -> Chains:
    """Chains that start from draws of Laplace's Gaussian.

    Args:
        first: Laplace's approximation.
        stamp: the pixels.
        prior: in the stamp's bands and pixels.
        rng: of all moves.
        draws: kept of each chain.
        warm: thrown away before.
        chains: independent ones.

    References:
        MCMC using Hamiltonian dynamics (Neal, 2011), arXiv:1206.1901
    """
    terms, root = prior.of(first.kind).terms(), np.linalg.cholesky(first.covariance)
    evaluations = 0

    def value(z: Array) -> tuple[float, Array]:
        x = first.mode + root @ z
        v, g, _ = curvature(x, *stamp.arrays)
        w, h, _ = log_prior(x, *terms)
        return v + w, root.T @ (g + h)

    kept = np.empty((chains, draws, len(first.mode)))
    for c in range(chains):
        z = rng.standard_normal(len(first.mode))
        now, slope = value(z)
        for k in range(-warm, draws):
            p = rng.standard_normal(len(z))
            step, leaps = STEP * rng.uniform(0.8, 1.2), int(rng.integers(PATH - 2, PATH + 3))
            y, speed, there = z.copy(), p + 0.5 * step * slope, now
            for leap in range(leaps):
                y = y + step * speed
                there, pull = value(y)
                speed = speed + (step if leap < leaps - 1 else 0.5 * step) * pull
            evaluations += leaps
            if np.log(rng.random()) < there - now + 0.5 * (p @ p - speed @ speed):
                z, now, slope = y, there, pull
            if k >= 0:
                kept[c, k] = first.mode + root @ z
    d = kept.shape[-1]
    effective = min(effective_draws(kept[:, :, k], kept[..., k].var()) for k in range(d))
    flat = kept.reshape(-1, d)
    even = np.full(len(flat), 1 / len(flat))
    posterior = WeightedPosterior(first.kind, flat, even, first.log_evidence, effective)
    return Chains(posterior, max(split_r_hat(kept[:, :, k]) for k in range(d)), effective, evaluations)


def split_r_hat(chains: Array) -> float:
    """Of chains (chains, steps), each cut in half: the spread of all over the spread within.

    References:
        Rank-normalization, folding, and localization: an improved R-hat (Vehtari et al., 2021), arXiv:1903.08008
    """
    half = chains.shape[1] // 2
    parts = np.concatenate([chains[:, :half], chains[:, half : 2 * half]])
    within = parts.var(axis=1, ddof=1).mean()
    between = half * parts.mean(axis=1).var(ddof=1)
    return float(np.sqrt(((half - 1) / half * within + between / half) / within))


def effective_draws(means: Array, variance: float) -> float:
    """How many independent draws tell a number's mean as well as these chains do.

    Args:
        means: of the number, by chain and step (or of several walkers' mean), (chains, steps).
        variance: of the number itself.
    """
    n = means.shape[1]
    away = means - means.mean()
    power = np.abs(np.fft.rfft(away, 2 * n, axis=1)) ** 2
    rho = np.fft.irfft(power, axis=1)[:, :n].mean(axis=0) / n
    total, k = rho[0], 1
    while k + 1 < n and rho[k] + rho[k + 1] > 0:  # Geyer's pairs: their sums are positive where they mean something
        total += 2 * (rho[k] + rho[k + 1])
        k += 2
    return float(variance * means.size / max(total, 1e-300))
