"""A quantity on a square periodic grid: density, temperature, convergence."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from scipy import ndimage

from simulacra.core.samples import Array, Samples
from simulacra.domains.likeness.alike import Likeness, Shifted
from simulacra.domains.sky.fields import wavenumbers
from simulacra.kinds.base import Kind


class Field(Kind):
    """Real numbers on a square grid; any shift, flip or turn of a field counts as the same."""

    periodic: ClassVar[bool] = True
    noun: ClassVar[str] = "fields"
    shape: ClassVar[str] = "(n, size, size)"
    blur: ClassVar[str] = "smoothed by a pixel"
    shift: ClassVar[str] = "half of their spread too high"
    chained: ClassVar[int] = 5

    def fits(self, x: Array) -> bool:
        """Square."""
        return x.ndim == 3 and x.shape[1] == x.shape[2] and x.dtype.kind in "biuf"

    def evident(self, x: Array) -> bool:
        """Three axes that are no spins."""
        return x.ndim == 3 and not (x.dtype.kind in "if" and bool((np.abs(x) == 1).all()))

    def shaped(self, x: Array, where: str) -> Array:
        """As floating-point numbers."""
        x = super().shaped(x, where)
        return x if x.dtype.kind == "f" else x.astype(np.float64)

    def likeness(self, x: Samples) -> Likeness:
        """Blind to shifts, flips and turns."""
        return Shifted(either_sign=False)

    def blurred(self, x: Samples, rng: np.random.Generator) -> Array:
        """A Gaussian of one pixel."""
        return np.asarray(ndimage.gaussian_filter(x.array, (0, 1, 1), mode="wrap"))

    def shifted(self, x: Samples, rng: np.random.Generator) -> Array:
        """Half a standard deviation of all pixels."""
        v = x.array
        return np.asarray(v + 0.5 * v.std(), dtype=v.dtype if v.dtype.kind == "f" else float)

    def example(self, n: int, rng: np.random.Generator) -> Samples:
        """Gaussian fields with power falling as the square of the wavenumber."""
        k = wavenumbers(16, 100.0)
        power = np.where(k > 0, np.maximum(k, 0.01) ** -2.0, 0.0)
        white = np.fft.fft2(rng.standard_normal((n, 16, 16)))
        field = np.fft.ifft2(white * np.sqrt(power / power.mean())).real
        return Samples.of(field.astype(np.float32), "field", origin="Gaussian fields")
