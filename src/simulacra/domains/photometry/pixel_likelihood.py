"""The Poisson likelihood of a stamp's pixels in all bands, its gradient and its expected curvature, as machine code.

A source's numbers are x, y (pixels from the middle of the stamp's first pixel), for a galaxy its four of shape, and
then the natural logarithm of its flux in each band. The expected photons of a pixel are what else lies there (sky and
neighbors) plus photons a unit of flux, times flux, times the light of unit flux.
"""

from __future__ import annotations

import math

import numpy as np

from simulacra.core.compiled import compiled
from simulacra.core.samples import Array
from simulacra.domains.photometry.pixel_light import light, slopes


@compiled
def log_likelihood(numbers: Array, counts: Array, other: Array, good: Array, gain: Array, psf: Array) -> float:
    """Of one source, up to what does not depend on it.

    Args:
        numbers: of the source.
        counts: photons, (bands, rows, columns).
        other: photons expected without the source, likewise.
        good: whether a pixel is used, likewise.
        gain: photons a unit of flux, by band.
        psf: Gaussians by band, (bands, gaussians, 6).
    """
    bands, height, width = counts.shape
    spot = len(numbers) - bands
    total = 0.0
    stamp = np.empty((height, width))
    for b in range(bands):
        stamp[:] = 0.0
        light(stamp, numbers[:spot], psf[b])
        bright = gain[b] * math.exp(numbers[spot + b])
        for i in range(height):
            for j in range(width):
                added = bright * stamp[i, j]
                if good[b, i, j] and added > 0:
                    total += counts[b, i, j] * math.log1p(added / other[b, i, j]) - added
    return total


@compiled
def log_likelihoods(numbers: Array, counts: Array, other: Array, good: Array, gain: Array, psf: Array) -> Array:
    """The same for each row of numbers."""
    out = np.empty(len(numbers))
    for k in range(len(numbers)):
        out[k] = log_likelihood(numbers[k], counts, other, good, gain, psf)
    return out


@compiled
def curvature(
    numbers: Array, counts: Array, other: Array, good: Array, gain: Array, psf: Array
) -> tuple[float, Array, Array]:
    """The log-likelihood, its gradient (d,) and Fisher's information (d, d), the expected negative Hessian."""
    bands, height, width = counts.shape
    d = len(numbers)
    spot = d - bands
    total, gradient, fisher = 0.0, np.zeros(d), np.zeros((d, d))
    stamp = np.empty((1 + spot, height, width))
    row, g, f = np.empty(1 + spot), np.empty(1 + spot), np.empty((1 + spot, 1 + spot))
    for b in range(bands):
        stamp[:] = 0.0
        slopes(stamp, numbers[:spot], psf[b])
        bright = gain[b] * math.exp(numbers[spot + b])
        g[:] = 0.0
        f[:] = 0.0
        for i in range(height):
            for j in range(width):
                if not good[b, i, j] or stamp[0, i, j] <= 0:
                    continue
                added = bright * stamp[0, i, j]
                expected = other[b, i, j] + added
                total += counts[b, i, j] * math.log1p(added / other[b, i, j]) - added
                pull, weight = counts[b, i, j] / expected - 1, 1 / expected
                for k in range(1 + spot):
                    row[k] = bright * stamp[k, i, j]
                    g[k] += pull * row[k]
                for k in range(1 + spot):
                    scaled = weight * row[k]
                    for m in range(k, 1 + spot):
                        f[k, m] += scaled * row[m]
        place = spot + b
        gradient[place] = g[0]
        fisher[place, place] = f[0, 0]
        for k in range(spot):
            gradient[k] += g[1 + k]
            fisher[k, place] = f[0, 1 + k]
            fisher[place, k] = f[0, 1 + k]
            for m in range(k, spot):
                fisher[k, m] += f[1 + k, 1 + m]
                if m > k:
                    fisher[m, k] = fisher[k, m]
    return total, gradient, fisher
