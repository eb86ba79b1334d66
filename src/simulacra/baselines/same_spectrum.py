"""Same spectrum: Gaussian random fields with the mean power of the training fields."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.sources.base import Simulator

CHUNK = 2**22
"""How many pixels are transformed at a time."""


def same_spectrum(train: Samples) -> Simulator:
    """Gaussian fields with the training fields' mean, and their mean power at each two-dimensional mode."""
    if train.kind != "field" or not len(train):
        raise BadInput(
            "the same spectrum can be given to fields alone",
            f"{len(train)} samples of kind {train.kind!r}",
            "take another baseline, such as pca",
        )
    fields = train.array
    mean = float(fields.mean(dtype=np.float64))
    step = max(1, CHUNK // fields[0].size)
    power = np.zeros(fields.shape[1:])
    for start in range(0, len(fields), step):
        power += (np.abs(np.fft.fft2(fields[start : start + step] - mean)) ** 2).sum(axis=0)
    return SameSpectrum(train, mean, np.sqrt(power / len(fields) / fields[0].size))


@dataclass(frozen=True, repr=False, eq=False)
class SameSpectrum:
    """Stationary Gaussian fields of given mean and power; periodic, as the training fields are taken to be.

    Args:
        train: the fields that they imitate.
        mean: of all pixels, in the fields' unit.
        amplitude: root of the mean power at each mode, in units that turn white noise of variance 1 into the fields.
    """

    train: Samples
    mean: float
    amplitude: Float[np.ndarray, "size size"]

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """Draw n independent fields."""
        white = np.fft.fft2(rng.standard_normal((n, *self.amplitude.shape)))
        fields = self.mean + np.fft.ifft2(white * self.amplitude).real
        origin = f"Gaussian fields with the mean power of {len(self.train)} training samples: {self.train.origin}"
        return Samples.of(fields.astype(self.train.array.dtype), "field", self.train.unit, origin)

    def __repr__(self) -> str:
        return f"SameSpectrum({self.train!r})"
