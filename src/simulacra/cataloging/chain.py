"""A source's posterior by Markov chains: the reference against which the fast ways are held.

Affine-invariant ensembles need no gradient and no tuning: a walker steps along the line through another walker. With
the likelihood in machine code a step costs what an evaluation costs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulacra.cataloging.posterior import GaussianPosterior, WeightedPosterior
from simulacra.cataloging.stamp import Stamp
from simulacra.core.samples import Array
from simulacra.domains.photometry.pixel_likelihood import log_likelihoods
from simulacra.domains.photometry.source_prior import SourcePrior, log_priors

STRETCH = 2.0
"""Longest stretch of a move."""


@dataclass(frozen=True)
class Chains:
    """States of several independent ensembles and how well they have mixed.

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
    first: GaussianPosterior, stamp: Stamp, prior: SourcePrior, rng: np.random.Generator, steps: int = 2000,
    walkers: int = 32, ensembles: int = 4,
) -> Chains:  # fmt: skip
    """Ensembles from Laplace's Gaussian, half of the steps thrown away.

    Args:
        first: where walkers start.
        stamp: the pixels.
        prior: in the stamp's bands and pixels.
        rng: of all moves.
        steps: of each walker.
        walkers: in an ensemble, even and at least twice the numbers.
        ensembles: independent ones.

    References:
        Ensemble samplers with affine invariance (Goodman & Weare, 2010), doi:10.2140/camcos.2010.5.65
    """
    terms = prior.of(first.kind).terms()

    def value(x: Array) -> Array:
        return np.asarray(log_likelihoods(x, *stamp.arrays) + log_priors(x, *terms))

    d = len(first.mode)
    walkers = max(walkers, 2 * d + 2 * d % 2)
    walkers += walkers % 2
    kept, evaluations = [], 0
    for _ in range(ensembles):
        x = first.draws(walkers, rng)
        now = value(x)
        states = []
        for step in range(steps):
            for mine in (0, 1):
                here, there = np.arange(mine, walkers, 2), np.arange(1 - mine, walkers, 2)
                z = ((STRETCH - 1) * rng.random(len(here)) + 1) ** 2 / STRETCH
                other = x[rng.choice(there, len(here))]
                ahead = other + z[:, None] * (x[here] - other)
                then = value(ahead)
                taken = np.log(rng.random(len(here))) < (d - 1) * np.log(z) + then - now[here]
                x[here[taken]], now[here[taken]] = ahead[taken], then[taken]
                evaluations += len(here)
            if step >= steps // 2:
                states.append(x.copy())
        kept.append(np.stack(states))
    draws = np.stack(kept)  # (ensembles, steps, walkers, d)
    means = draws.mean(axis=2)
    flat = draws.reshape(-1, d)
    thin = flat[:: max(1, len(flat) // 20000)]
    effective = min(effective_draws(means[:, :, k], draws[..., k].var()) for k in range(d))
    even = np.full(len(thin), 1 / len(thin))
    posterior = WeightedPosterior(first.kind, thin, even, first.log_evidence, effective)
    return Chains(posterior, max(split_r_hat(means[:, :, k]) for k in range(d)), effective, evaluations)


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
    """How many independent draws tell a number's mean as well as these ensembles do.

    Args:
        means: of an ensemble's walkers by step, (ensembles, steps).
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
