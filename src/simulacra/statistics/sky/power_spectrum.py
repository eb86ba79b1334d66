"""Power spectrum of square periodic fields, and of pictures under a window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.sky.fields import modes, ring_power, ring_wavenumbers
from simulacra.kinds.base import kind_of
from simulacra.statistics.base import Axis

FLOOR = 1e-12
"""Of a sample's mean power in a ring: less than that is the rounding of 32-bit numbers."""


@dataclass(frozen=True)
class PowerSpectrum:
    r"""$\log_{10} P(k)$ of each sample, averaged over rings from the fundamental to the Nyquist mode.

    A field is periodic and is taken as it is. Of a picture, which is not, it is the brightness plane about its mean
    under a Hann window of mean square 1, so that white noise keeps its power. Power below 1e-12 of a sample's mean over
    the rings is set to that, so that a smooth sample has a logarithm.

    Args:
        box: length of a side, in the unit `length`; None measures in pixels.
        rings: how many rings of equal width; fewer where there are fewer modes up to the Nyquist mode.
        length: the unit that `box` is in.
    """

    accepts: ClassVar[tuple[str, ...]] = ("field", "picture")
    defect: ClassVar[str] = "{amount:.0%} less power above half the Nyquist frequency"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    box: float | None = None
    rings: int = 8
    length: str = "Mpc/h"

    def __post_init__(self) -> None:
        if self.box is not None and not (self.box > 0 and np.isfinite(self.box)):
            raise BadInput("a side must have a positive length", f"box={self.box}", "give it in units of `length`")
        if self.rings < 1:
            raise BadInput("a spectrum has at least one ring", f"rings={self.rings}", "take rings=8")

    def __call__(self, x: Samples) -> Float[np.ndarray, "n rings"]:
        """log10 of the power in (unit of the samples)² · length²."""
        size = side(x)
        kind = kind_of(x)
        plane = kind.plane(x.array) if kind.periodic else windowed(kind.plane(x.array))
        power = ring_power(plane, self._box(size), self._rings(size))
        floor = np.maximum(FLOOR * power.mean(axis=1, keepdims=True), np.finfo(np.float64).tiny)
        return np.asarray(np.log10(np.maximum(power, floor)))

    def axis(self, x: Samples) -> Axis:
        """The power over the mean wavenumber of each ring."""
        size = side(x)
        length = "pixel" if self.box is None else self.length
        length = f"({length})" if "/" in length else length
        unit = "" if x.unit == "1" else f"({x.unit})² "
        at = tuple(ring_wavenumbers(size, self._box(size), self._rings(size)).tolist())
        return Axis(f"log10 P(k), {unit}{length}²", "wavenumber", f"1/{length}", at, log=True)

    def perturb(self, x: Samples, amount: float) -> Samples:
        """The fraction `amount` of the power taken away above half the Nyquist mode, in every channel of a picture.

        A picture's pixels may leave 0…1 by a little: they are not clipped, which would change other powers too.
        """
        size = side(x)
        keep = np.where(modes(size) > size / 4, np.sqrt(1 - amount), 1.0)
        keep = keep[..., None] if x.array.ndim == 4 else keep
        filtered = np.fft.ifft2(np.fft.fft2(x.array, axes=(1, 2)) * keep, axes=(1, 2)).real
        return x.but(x=filtered.astype(x.array.dtype))

    def _box(self, size: int) -> float:
        return float(size) if self.box is None else self.box

    def _rings(self, size: int) -> int:
        return min(self.rings, size // 2)


def side(x: Samples) -> int:
    """Pixels along a side of square samples."""
    height, width = x.array.shape[1:3]
    if height != width:
        raise BadInput("a power spectrum needs square samples", f"{height} by {width} pixels", "cut them square")
    return int(height)


def windowed(plane: Float[np.ndarray, "n size size"]) -> Float[np.ndarray, "n size size"]:
    """The planes under a periodic Hann window of mean square 1, about the mean that the window sees."""
    size = plane.shape[-1]
    hann = np.sin(np.pi * (np.arange(size) + 0.5) / size) ** 2
    window = hann[:, None] * hann[None, :]
    mean = (plane * window).sum(axis=(1, 2), keepdims=True) / window.sum()
    tapered: Float[np.ndarray, "n size size"] = (plane - mean) * window / np.sqrt((window**2).mean())
    return tapered
