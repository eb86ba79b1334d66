"""Band-pass and Hilbert envelope: what the field looks at first; the pulse is where the envelope is highest."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from jaxtyping import Float
from scipy.signal import hilbert

from simulacra.baselines.trace_filter import LINES, TraceFilter, best, peak_over_median
from simulacra.core.samples import Samples
from simulacra.domains.radio.lines import without_lines
from simulacra.domains.radio.pulse_measures import Recovered
from simulacra.domains.radio.radio_pulses import band, frequencies, grid

LOWS, HIGHS = (30.0, 37.5, 45.0), (60.0, 70.0, 80.0)  # MHz
GATE = 12  # samples kept on either side of the envelope's peak


@dataclass(frozen=True)
class HilbertEnvelope:
    """The band's signal near the highest place of its envelope, and nothing elsewhere.

    Args:
        low: lower edge of the band, MHz.
        high: upper edge of the band, MHz.
        lines: taken out before.
        rate: of sampling, MHz.
    """

    low: float
    high: float
    lines: int
    rate: float

    def recover(self, trace: Float[np.ndarray, "n T"]) -> Recovered:
        """The signal in the gate; the score is the envelope's peak over its median."""
        length = trace.shape[1]
        whole = grid(length)
        seen = np.fft.rfft(without_lines(trace, self.lines, self.rate), n=whole, axis=1)
        through = np.fft.irfft(seen * band(frequencies(whole, self.rate), self.low, self.high), n=whole, axis=1)
        through = through[:, :length]
        envelope = np.abs(hilbert(through, axis=1))
        at = envelope.argmax(axis=1)
        gate = np.abs(np.arange(length) - at[:, None]) <= GATE
        return Recovered(np.where(gate, through, 0.0), peak_over_median(envelope))


def hilbert_envelope(train: Samples, validation: Samples, rate: float) -> TraceFilter:
    """The band and the lines are chosen on validation; nothing is learned."""
    highs = [high for high in HIGHS if high < rate / 2]
    return best((HilbertEnvelope(a, b, k, rate) for a, b, k in product(LOWS, highs, LINES)), validation)
