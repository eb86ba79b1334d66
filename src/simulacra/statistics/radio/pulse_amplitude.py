"""Amplitude of a radio pulse: how far its field goes from zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.radio.pulse_measures import amplitude
from simulacra.statistics.base import Axis

LEAST = 1e-6  # of the unit: a trace of nothing but zeros has a logarithm too


@dataclass(frozen=True)
class PulseAmplitude:
    """The decimal logarithm of the peak of each pulse."""

    accepts: ClassVar[tuple[str, ...]] = ("pulse",)
    defect: ClassVar[str] = "pulses {amount:.0%} too high"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 1"]:
        """One number a pulse."""
        return np.asarray(np.log10(np.maximum(amplitude(x.array), LEAST))[:, None])

    def axis(self, x: Samples) -> Axis:
        """One number a pulse."""
        return Axis("log10 peak" if x.unit == "1" else f"log10 peak, {x.unit}")

    def perturb(self, x: Samples, amount: float) -> Samples:
        """All pulses multiplied by 1 + `amount`."""
        return x.but(x=(x.array * (1 + amount)).astype(x.array.dtype))
