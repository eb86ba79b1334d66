"""Bispectrum of equilateral triangles: what waves of one length do together, beyond their power."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.sky.fields import CHUNK, ring_of, ring_wavenumbers
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class Bispectrum:
    r"""Reduced bispectrum of each field: the skewness of the field in each ring of wavenumbers.

    With $f_j$ the field's modes in ring j alone, $\langle f_j^3 \rangle$ sums the products of three modes of the ring
    that close to a triangle; divided by $\langle f_j^2 \rangle^{3/2}$ it does not depend on the power. It is 0 on
    average for a Gaussian field.

    Args:
        box: length of a side, in the unit `length`; None measures in pixels.
        rings: how many rings of equal width, up to two thirds of the Nyquist mode (beyond, triangles alias).
        length: the unit that `box` is in.

    References:
        Fast estimation of polyspectra in N-body simulations (Watkinson et al., 2017), arXiv:1705.06284
    """

    accepts: ClassVar[tuple[str, ...]] = ("field",)
    defect: ClassVar[str] = "{amount:.0%} of its square added to each field"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    box: float | None = None
    rings: int = 5
    length: str = "Mpc/h"

    def __post_init__(self) -> None:
        if self.rings < 1:
            raise BadInput("a bispectrum has at least one ring", f"rings={self.rings}", "take rings=5")
        if self.box is not None and not (self.box > 0 and np.isfinite(self.box)):
            raise BadInput("a side must have a positive length", f"box={self.box}", "give it in units of `length`")

    def __call__(self, x: Samples) -> Float[np.ndarray, "n rings"]:
        """Skewness by ring."""
        n, size = len(x), x.array.shape[-1]
        whole = self._whole(size)
        ring, rings = ring_of(size, whole), self._used(whole)
        found = np.empty((n, rings))
        step = max(1, CHUNK // size**2)
        for start in range(0, n, step):
            waves = np.fft.fft2(np.asarray(x.array[start : start + step], dtype=float))
            for j in range(rings):
                f = np.fft.ifft2(waves * (ring == j)).real
                square = (f**2).mean(axis=(1, 2))
                found[start : start + step, j] = (f**3).mean(axis=(1, 2)) / np.maximum(square, 1e-300) ** 1.5
        return found

    def axis(self, x: Samples) -> Axis:
        """The skewness over the mean wavenumber of each ring."""
        size = x.array.shape[-1]
        box = float(size) if self.box is None else self.box
        length = "pixel" if self.box is None else self.length
        whole = self._whole(size)
        at = ring_wavenumbers(size, box, whole)[: self._used(whole)]
        unit = f"1/({length})" if "/" in length else f"1/{length}"
        return Axis("reduced bispectrum, equilateral", "wavenumber", unit, tuple(at.tolist()), log=True)

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Each field with this share of its square added, at its own mean and spread: local non-Gaussianity."""
        field = np.asarray(x.array, dtype=float)
        mean, spread = field.mean(axis=(1, 2), keepdims=True), field.std(axis=(1, 2), keepdims=True)
        z = (field - mean) / np.maximum(spread, 1e-300)
        z = z + amount * (z**2 - 1)
        z = (z - z.mean(axis=(1, 2), keepdims=True)) / np.maximum(z.std(axis=(1, 2), keepdims=True), 1e-300)
        return x.but(x=(mean + spread * z).astype(x.array.dtype))

    def _whole(self, size: int) -> int:
        """Rings up to the Nyquist mode, of which two thirds are used."""
        return max(1, min(size // 2, -(-self.rings * 3 // 2)))

    def _used(self, whole: int) -> int:
        return max(1, min(self.rings, whole * 2 // 3))
