"""A stamp: the pixels of one source in all bands, and all else that its likelihood needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulacra.core.samples import Array


@dataclass(frozen=True)
class Stamp:
    """Arrays as `domains.photometry.pixel_likelihood` takes them.

    Args:
        counts: photons, (bands, rows, columns).
        other: photons expected without the source: sky and neighbors.
        good: whether a pixel is used.
        gain: photons a nanomaggy, by band.
        psf: Gaussians by band, (bands, j, 6); their means hold the shift of each band's grid.
        corner: x, y of the first pixel on the frame.
    """

    counts: Array
    other: Array
    good: Array
    gain: Array
    psf: Array
    corner: Array

    @property
    def arrays(self) -> tuple[Array, Array, Array, Array, Array]:
        """What follows the numbers in the likelihood's arguments."""
        return self.counts, self.other, self.good, self.gain, self.psf

    def start(self, kind: str) -> Array:
        """Rough numbers from moments: the light within 4 pixels of the middle, in each band, and a round shape."""
        _, rows, columns = self.counts.shape
        y, x = np.indices((rows, columns))
        middle = np.hypot(x - (columns - 1) / 2, y - (rows - 1) / 2) < 4
        light = np.where(self.good, self.counts - self.other, 0.0)
        flux = np.maximum(light[:, middle].sum(axis=1), 2 * np.sqrt(self.other[:, middle].sum(axis=1))) / self.gain
        place = np.array([(columns - 1) / 2, (rows - 1) / 2])
        shape = np.array([-0.3, np.log(1.5), 0.0, 0.0]) if kind == "galaxy" else np.zeros(0)
        return np.concatenate([place, shape, np.log(flux * 1.1)])
