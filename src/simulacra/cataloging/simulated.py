"""Simulated sources one by one, each on its own stamp: the world in which error bars are tried."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulacra.cataloging.stamp import Stamp
from simulacra.core.samples import Array
from simulacra.domains.photometry.simulated_stamps import expected, half_side
from simulacra.domains.photometry.source_prior import SourcePrior

SIGMA = np.array([1.42, 1.15, 0.90, 0.90, 1.16])
GAIN = np.array([150.0, 700.0, 850.0, 640.0, 120.0])
SKY = np.array([150.0, 420.0, 740.0, 1000.0, 700.0])
"""A night of SDSS in ugriz: widths of the point spread function (pixels), photons a nanomaggy, photons of sky."""


def night(sigma: Array) -> Array:
    """A point spread function with wings, three Gaussians a band, (bands, 3, 6)."""
    out = np.zeros((len(sigma), 3, 6))
    out[:, :, 0] = (0.70, 0.25, 0.05)
    out[:, :, 3] = out[:, :, 5] = sigma[:, None] ** 2 * np.array([1.0, 4.0, 16.0])
    return out


@dataclass(frozen=True)
class SimulatedSource:
    """Its true numbers and its pixels.

    Args:
        kind: `star` or `galaxy`.
        numbers: true ones, as the stamp counts pixels.
        stamp: its photons.
    """

    kind: str
    numbers: Array
    stamp: Stamp

    @property
    def signal(self) -> float:
        """Light within 4 pixels of the middle over its noise, the best band's."""
        s = self.stamp
        _, rows, columns = s.counts.shape
        y, x = np.indices((rows, columns))
        inner = np.hypot(x - (columns - 1) / 2, y - (rows - 1) / 2) < 4
        light, sky = (s.counts - s.other)[:, inner].sum(axis=1), s.other[:, inner].sum(axis=1)
        return float((light / np.sqrt(sky)).max())


def simulated(kind: str, prior: SourcePrior, rng: np.random.Generator) -> SimulatedSource:
    """One source drawn from the prior in ugriz, within half a pixel of the middle of its stamp."""
    psf = night(SIGMA)
    numbers = np.concatenate([[0.0, 0.0], prior.of(kind).draw(1, rng)[0]])
    half = half_side(numbers, GAIN, SKY, psf)
    numbers[:2] = half + rng.uniform(-0.5, 0.5, 2)
    side = 2 * half + 1
    sky = np.broadcast_to(SKY[:, None, None], (5, side, side)).copy()
    counts = rng.poisson(sky + expected(numbers, GAIN, psf, side, side)).astype(np.float64)
    return SimulatedSource(kind, numbers, Stamp(counts, sky, np.ones_like(sky, bool), GAIN, psf, np.zeros(2)))
