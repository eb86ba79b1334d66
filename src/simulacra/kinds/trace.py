"""Radio traces with the signal that lies in them."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.domains.radio.radio_pulses import pulses
from simulacra.kinds.base import Kind


class Trace(Kind):
    """What an antenna records, and beside it the signal alone (zeros where there is none)."""

    noun: ClassVar[str] = "traces with their signals"
    shape: ClassVar[str] = "(n, 2, samples of a trace): the trace, and its signal"

    def fits(self, x: Array) -> bool:
        """A trace and its signal."""
        return x.ndim == 3 and x.shape[1] in (1, 2)

    def example(self, n: int, rng: np.random.Generator) -> Samples:
        """Pulses under white noise of a third of their height."""
        signal = pulses(rng.uniform(1, 6, n), rng.uniform(30, 100, n), 256, 180.0)
        noise = rng.standard_normal(signal.shape) * np.abs(signal).max(axis=1, keepdims=True) / 3
        return Samples.of(np.stack([signal + noise, signal], axis=1), "trace", origin="pulses under white noise")
