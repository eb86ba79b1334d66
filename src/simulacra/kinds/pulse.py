"""Radio pulses: the field of an air shower over time."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.domains.radio.radio_pulses import pulses
from simulacra.kinds.base import Kind


class Pulse(Kind):
    """One trace a sample, without noise."""

    noun: ClassVar[str] = "pulses"
    shape: ClassVar[str] = "(n, samples of a trace)"

    def fits(self, x: Array) -> bool:
        """Two axes."""
        return x.ndim == 2

    def example(self, n: int, rng: np.random.Generator) -> Samples:
        """Pulses of either sign in the first third of a trace."""
        height = rng.choice([-1.0, 1.0], (n, 1)) * np.exp(0.3 * rng.standard_normal((n, 1)))
        x = height * pulses(rng.uniform(1, 6, n), rng.uniform(30, 100, n), 256, 180.0)
        return Samples.of(x, "pulse", origin="pulses of air showers")
