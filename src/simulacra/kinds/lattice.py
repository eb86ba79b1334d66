"""Spins on a square periodic lattice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from scipy import ndimage

from simulacra.core.samples import Array, Samples
from simulacra.domains.lattice.ising_exact import CRITICAL
from simulacra.domains.likeness.alike import Likeness, Shifted
from simulacra.kinds.base import Kind


class Lattice(Kind):
    """Spins of +1 and −1; any shift, flip or turn of a lattice, and all of its spins turned over, count as the same."""

    discrete: ClassVar[bool] = True
    periodic: ClassVar[bool] = True
    noun: ClassVar[str] = "lattices of spins"
    shape: ClassVar[str] = "(n, L, L), all -1 or 1"
    blur: ClassVar[str] = "each spin as the majority of its three by three"
    shift: ClassVar[str] = "one down-spin in ten turned up"
    chained: ClassVar[int] = 5
    landmarks: ClassVar[Mapping[str, float]] = {"temperature": CRITICAL}

    def fits(self, x: Array) -> bool:
        """Square, and nothing but ±1."""
        return x.ndim == 3 and x.shape[1] == x.shape[2] and x.dtype.kind in "if" and bool((np.abs(x) == 1).all())

    def evident(self, x: Array) -> bool:
        """Nothing else looks like it."""
        return self.fits(x)

    def shaped(self, x: Array, where: str) -> Array:
        """As whole numbers of one byte."""
        return super().shaped(x, where).astype(np.int8)

    def likeness(self, x: Samples) -> Likeness:
        """Blind to shifts, flips, turns and the overall sign."""
        return Shifted(either_sign=True)

    def blurred(self, x: Samples, rng: np.random.Generator) -> Array:
        """The majority of three by three."""
        votes = ndimage.uniform_filter(x.array.astype(np.float64), (0, 3, 3), mode="wrap")
        return np.where(votes > 0, 1, -1).astype(x.array.dtype)

    def shifted(self, x: Samples, rng: np.random.Generator) -> Array:
        """One down-spin in ten turned up."""
        spins = x.array
        return np.where((spins < 0) & (rng.random(spins.shape) < 0.1), -spins, spins)

    def strangers(self, x: Samples, n: int, rng: np.random.Generator) -> Array:
        """Independent spins."""
        return rng.choice(np.array([-1, 1], dtype=x.array.dtype), (n, *x.array.shape[1:]))

    def legal(self, x: Array) -> Array:
        """The sign."""
        return np.where(x < 0, -1.0, 1.0)

    def example(self, n: int, rng: np.random.Generator) -> Samples:
        """The sign of smoothed noise, at a level of its own for each lattice, so that the magnetization varies too."""
        noise = ndimage.gaussian_filter(rng.standard_normal((n, 16, 16)), (0, 1, 1), mode="wrap")
        level = 0.1 * rng.standard_normal((n, 1, 1))
        return Samples.of(np.where(noise > level, 1, -1).astype(np.int8), "lattice", origin="smoothed noise, its sign")
