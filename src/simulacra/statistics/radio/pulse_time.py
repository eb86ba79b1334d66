"""Arrival of a radio pulse: when in the trace its field is farthest from zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.radio.pulse_measures import peak_place
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class PulseTime:
    """The place of the peak of each pulse.

    Args:
        rate: of sampling, MHz.
    """

    accepts: ClassVar[tuple[str, ...]] = ("pulse",)
    defect: ClassVar[str] = "pulses {amount:.0%} of a trace late"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32)

    rate: float = 180.0

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 1"]:
        """One number a pulse, ns."""
        return peak_place(x.array)[:, None] * 1e3 / self.rate

    def axis(self, x: Samples) -> Axis:
        """One number a pulse."""
        return Axis("time of the peak, ns")

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Every trace begun earlier by this share of its length; what leaves it is lost."""
        late = max(1, round(amount * x.array.shape[1]))
        moved = np.pad(x.array, ((0, 0), (late, 0)))[:, : x.array.shape[1]]
        return x.but(x=moved)
