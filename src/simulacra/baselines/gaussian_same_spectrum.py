"""Gaussian fields with the spectrum of windows: maps cut from a periodic sky that is larger than they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.sky.lognormal import sky_power
from simulacra.sources.base import Simulator


def gaussian_same_spectrum(train: Samples, sides: int = 2) -> Simulator:
    """Gaussian fields with the training fields' mean and mean power; windows of a sky so many sides of a map wide.

    A window's borders do not meet. A periodic field with the same power has the jumps between them smeared over all of
    it, as a cross of streaks; this one has none.

    Args:
        train: fields, (n, size, size).
        sides: width of the periodic sky that is drawn, in sides of a map; 1 where the maps are periodic themselves.
    """
    if train.kind != "field" or not len(train) or sides < 1:
        raise BadInput(
            "the same spectrum can be given to fields alone, on a sky of one side of them or more",
            f"{len(train)} samples of kind {train.kind!r}, sides={sides}",
            "take another baseline, such as pca",
        )
    mean = float(train.array.mean(dtype=np.float64))
    return GaussianSameSpectrum(train, mean, np.sqrt(sky_power(train.array, mean, sides)))


@dataclass(frozen=True, repr=False, eq=False)
class GaussianSameSpectrum:
    """Windows of stationary Gaussian skies of given mean and power.

    Args:
        train: the fields that they imitate.
        mean: of all pixels, in the fields' unit.
        amplitude: root of the power of each mode of the sky, (sides · size, sides · size).
    """

    train: Samples
    mean: float
    amplitude: Float[np.ndarray, "R C"]

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """Draw n independent fields: a corner of a sky each."""
        height, width = self.train.array.shape[1:]
        fields = np.empty((n, height, width), dtype=self.train.array.dtype)
        step = max(1, 2**22 // self.amplitude.size)
        for start in range(0, n, step):
            white = np.fft.fft2(rng.standard_normal((min(step, n - start), *self.amplitude.shape)))
            sky = np.fft.ifft2(white * self.amplitude).real
            fields[start : start + step] = self.mean + sky[:, :height, :width]
        origin = f"Gaussian fields with the mean power of {len(self.train)} training samples: {self.train.origin}"
        return Samples.of(fields, "field", self.train.unit, origin)

    def __repr__(self) -> str:
        return f"GaussianSameSpectrum({self.train!r})"
