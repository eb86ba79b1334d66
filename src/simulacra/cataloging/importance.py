"""A Gaussian posterior set right by importance weights on the exact likelihood."""

from __future__ import annotations

import math

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import logsumexp

from simulacra.cataloging.posterior import GaussianPosterior, WeightedPosterior
from simulacra.cataloging.stamp import Stamp
from simulacra.core.samples import Array
from simulacra.domains.photometry.pixel_likelihood import log_likelihoods
from simulacra.domains.photometry.source_prior import SourcePrior, log_priors

TAIL = 8.0
"""Degrees of freedom of the proposal, a multivariate t."""
ROUNDS = 4
"""Most rounds; after each the proposal is moved to the weighted draws of all."""
Law = tuple[Array, Array]


def weighted(
    first: GaussianPosterior, stamp: Stamp, prior: SourcePrior, rng: np.random.Generator, draws: int = 300
) -> WeightedPosterior:
    """Draws of t laws about the mode, weighted by likelihood and prior, until half of `draws` of them are effective.

    All rounds count: a draw is weighted against the mixture of the laws of all rounds. The log evidence is that of
    the mean weight.

    Args:
        first: Laplace's approximation.
        stamp: the pixels.
        prior: in the stamp's bands and pixels.
        rng: of the draws.
        draws: in a round.

    References:
        Adaptive multiple importance sampling (Cornuet et al., 2012), arXiv:0907.1254
    """
    terms = prior.of(first.kind).terms()
    laws: list[Law] = [first.moments()]
    x, log_p = np.empty((0, len(first.mode))), np.empty(0)
    while True:
        new = proposal(*laws[-1], draws, rng)
        x = np.concatenate([x, new])
        log_p = np.concatenate([log_p, log_likelihoods(new, *stamp.arrays) + log_priors(new, *terms)])
        log_w = log_p - mixed(x, laws)
        top = float(log_w.max())
        w = np.exp(log_w - top)
        evidence = top + math.log(w.mean()) + math.log(prior.of(first.kind).share)
        w /= w.sum()
        effective = float(1 / (w**2).sum())
        if effective >= 0.5 * draws or len(laws) == ROUNDS:
            return WeightedPosterior(first.kind, x, w, evidence, effective)
        even = _tempered(log_w, 0.15 * draws)
        mean = even @ x
        away = x - mean
        laws.append((mean, (even[:, None] * away).T @ away + 0.05 * first.covariance))


def proposal(mean: Array, covariance: Array, n: int, rng: np.random.Generator) -> Array:
    """n draws of a multivariate t of `TAIL` degrees of freedom, (n, d)."""
    white = rng.standard_normal((n, len(mean))) / np.sqrt(rng.chisquare(TAIL, n) / TAIL)[:, None]
    return np.asarray(mean + white @ np.linalg.cholesky(covariance).T)


def log_density(x: Array, law: Law) -> Array:
    """Log density of the t law about a mean with a covariance, by row of x."""
    mean, covariance = law
    d = len(mean)
    root = np.linalg.cholesky(covariance)
    white = solve_triangular(root, (x - mean).T, lower=True)
    norm = math.lgamma((TAIL + d) / 2) - math.lgamma(TAIL / 2) - 0.5 * d * math.log(TAIL * math.pi)
    norm -= float(np.log(np.diag(root)).sum())
    return np.asarray(norm - 0.5 * (TAIL + d) * np.log1p((white**2).sum(axis=0) / TAIL))


def mixed(x: Array, laws: list[Law]) -> Array:
    """Log density of the even mixture of t laws."""
    return np.asarray(logsumexp([log_density(x, law) for law in laws], axis=0) - math.log(len(laws)))


def _tempered(log_w: Array, enough: float) -> Array:
    """Weights to a power below 1 at which at least so many draws are effective."""
    power = 1.0
    while True:
        w = np.exp(power * (log_w - log_w.max()))
        w /= w.sum()
        if 1 / (w**2).sum() >= enough or power < 0.05:
            return np.asarray(w)
        power *= 0.7
