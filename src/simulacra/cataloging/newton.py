"""The mode of a source's posterior by damped Newton steps, and Laplace's approximation about it."""

from __future__ import annotations

import numpy as np

from simulacra.cataloging.posterior import GaussianPosterior
from simulacra.cataloging.stamp import Stamp
from simulacra.core.samples import Array
from simulacra.domains.photometry.pixel_likelihood import curvature, log_likelihood
from simulacra.domains.photometry.source_prior import SourcePrior, log_prior

STEPS, SETTLED = 40, 1e-3
"""Most steps; the gain in log posterior below which the fit rests."""
LIMITS = np.array([1.5, 1.5, 1.5, 0.7, 0.6, 0.6])
"""Longest step in x, y and shape; a band's log flux moves by 1 at most."""


def laplace(stamp: Stamp, prior: SourcePrior, kind: str, start: Array | None = None) -> GaussianPosterior:
    """The Gaussian about the mode, and the type's evidence by Laplace's method.

    Steps solve with the expected curvature (Fisher's information plus the prior's), damped as Levenberg and Marquardt
    do until the posterior rises.

    Args:
        stamp: the pixels.
        prior: in the stamp's bands and pixels.
        kind: `star` or `galaxy`.
        start: numbers to begin with; by default the stamp's own guess.
    """
    x = stamp.start(kind) if start is None else np.array(start, dtype=np.float64)
    terms, arrays = prior.of(kind).terms(), stamp.arrays
    spot = len(x) - len(stamp.gain)
    limit = np.concatenate([LIMITS[:spot], np.ones(len(stamp.gain))])
    damping = 1e-2
    value, gradient, curve = _terms(x, arrays, terms)
    for _ in range(STEPS):
        step = np.linalg.solve(curve + damping * np.diag(np.diag(curve)), gradient)
        step /= max(1.0, float(np.max(np.abs(step) / limit)))
        ahead = log_likelihood(x + step, *arrays) + log_prior(x + step, *terms)[0]
        if not ahead > value:
            damping *= 8
            if damping > 1e6:
                break
            continue
        gained, x = ahead - value, x + step
        value, gradient, curve = _terms(x, arrays, terms)
        damping = max(damping / 8, 1e-8)
        if gained < SETTLED:
            break
    covariance = np.linalg.inv(curve)
    sign, volume = np.linalg.slogdet(2 * np.pi * covariance)
    evidence = value + 0.5 * float(volume) if sign > 0 else -np.inf
    return GaussianPosterior(kind, x, (covariance + covariance.T) / 2, evidence + np.log(prior.of(kind).share))


def _terms(x: Array, arrays: tuple[Array, ...], terms: tuple[Array, ...]) -> tuple[float, Array, Array]:
    value, gradient, curve = curvature(x, *arrays)
    more, pull, stiff = log_prior(x, *terms)
    return value + more, gradient + pull, curve + stiff
