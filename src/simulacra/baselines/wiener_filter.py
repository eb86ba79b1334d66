"""Wiener filter: each frequency is let through by the share of it that is signal on average."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from simulacra.baselines.trace_filter import LINES, TraceFilter, best, pairs, peak_over_median, with_pulse
from simulacra.core.samples import Array, Samples
from simulacra.domains.radio.lines import without_lines
from simulacra.domains.radio.pulse_measures import Recovered
from simulacra.domains.radio.radio_pulses import grid

WEIGHTS = (0.3, 1.0, 3.0, 10.0, 30.0)


@dataclass(frozen=True, eq=False)
class WienerFilter:
    r"""The linear filter $S/(S + c\,N)$ of least mean square error where c is 1 and both powers are known.

    Args:
        through: share let through at each frequency of the grid.
        weight: of the noise, c.
        lines: taken out before.
        rate: of sampling, MHz.

    References:
        Extrapolation, interpolation, and smoothing of stationary time series (Wiener, 1949), ISBN 9780262730051
    """

    through: Array
    weight: float
    lines: int
    rate: float

    def recover(self, trace: Float[np.ndarray, "n T"]) -> Recovered:
        """What is let through; the score is its peak over its median."""
        whole = 2 * (len(self.through) - 1)
        seen = np.fft.rfft(without_lines(trace, self.lines, self.rate), n=whole, axis=1)
        signal = np.fft.irfft(seen * self.through, n=whole, axis=1)[:, : trace.shape[1]]
        return Recovered(signal, peak_over_median(np.abs(signal)))


def wiener_filter(train: Samples, validation: Samples, rate: float) -> TraceFilter:
    """Powers of the training signals and backgrounds; the noise's weight c and the lines are chosen on validation."""
    trace, signal = pairs(with_pulse(train)[:4000])
    whole = grid(trace.shape[1])
    of_signal = (np.abs(np.fft.rfft(signal, n=whole, axis=1)) ** 2).mean(axis=0)
    tried = []
    for lines in LINES:
        noise = without_lines(trace - signal, lines, rate)
        of_noise = (np.abs(np.fft.rfft(noise, n=whole, axis=1)) ** 2).mean(axis=0)
        tried += [
            WienerFilter(of_signal / np.maximum(of_signal + c * of_noise, 1e-30), c, lines, rate) for c in WEIGHTS
        ]
    return best(tried, validation)
