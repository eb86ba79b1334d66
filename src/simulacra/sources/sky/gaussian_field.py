"""Gaussian random fields: the simplest sky whose answer is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.sky.fields import wavenumbers


@dataclass(frozen=True)
class GaussianField:
    r"""Periodic fields of unit variance and zero mean with power $P(k) \propto k^\text{slope}$.

    Args:
        size: pixels along a side.
        box: length of a side, Mpc/h.
        slope: logarithmic slope of the power; 0 is white noise.
    """

    kind: ClassVar[str] = "field"

    size: int = 32
    box: float = 100.0
    slope: float = -2.0

    def __post_init__(self) -> None:
        if self.size < 2:
            raise BadInput("a field needs two pixels a side or more", f"size={self.size}", "take size=16 or more")
        if not (self.box > 0 and np.isfinite(self.box)):
            raise BadInput(
                "a field's side must have a positive length", f"box={self.box}", "give it in Mpc/h, as box=100.0"
            )
        if not np.isfinite(self.slope):
            raise BadInput("a slope must be a number", f"slope={self.slope}", "take slope=-2.0, or 0.0 for white noise")

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """Draw n independent fields, (n, size, size)."""
        k = wavenumbers(self.size, self.box)
        power = np.where(
            k > 0, np.maximum(k, 1 / self.box) ** self.slope, 0.0
        )  # the bound only spares k = 0 a division
        white = np.fft.fft2(rng.standard_normal((n, self.size, self.size)))
        field = np.fft.ifft2(white * np.sqrt(power / power.mean())).real
        return Samples.of(field.astype(np.float32), kind="field", unit="1", origin=repr(self))
