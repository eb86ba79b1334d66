"""Width of a radio pulse: how long it would last if it were as high as its peak throughout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.radio.pulse_measures import equivalent_width, peak_place
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class PulseWidth:
    """Energy near the peak over the square of the envelope's peak.

    Args:
        rate: of sampling, MHz.
    """

    accepts: ClassVar[tuple[str, ...]] = ("pulse",)
    defect: ClassVar[str] = "pulses {amount:.0%} longer"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    rate: float = 180.0

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 1"]:
        """One number a pulse, ns."""
        return equivalent_width(x.array, self.rate)[:, None]

    def axis(self, x: Samples) -> Axis:
        """One number a pulse."""
        return Axis("width, ns")

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Every trace stretched by 1 + `amount` about its peak, by straight lines between four times finer points."""
        length = x.array.shape[1]
        spectrum = np.fft.rfft(x.array, axis=1)
        fine = 4 * np.fft.irfft(spectrum, n=4 * length, axis=1)
        grid, places = np.arange(4 * length) / 4, np.arange(length)
        rows = [
            np.interp(top + (places - top) / (1 + amount), grid, row)
            for top, row in zip(peak_place(x.array), fine, strict=True)
        ]
        return x.but(x=np.stack(rows).astype(x.array.dtype))
