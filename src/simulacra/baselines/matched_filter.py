"""Matched filter: a trace is held against a bank of whitened pulses; the best fitting one is taken for the signal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from simulacra.baselines.trace_filter import LINES, TraceFilter, best, pairs, with_pulse
from simulacra.core.samples import Array, Samples
from simulacra.domains.radio.lines import without_lines
from simulacra.domains.radio.pulse_measures import Recovered, peak_place
from simulacra.domains.radio.radio_pulses import grid

SEEN = 400  # training pulses that templates are chosen from
SIZES = (1, 4, 12)  # of the bank
FINER = 4  # lags a sample: at 55 MHz and 180 MHz of sampling half a sample is a sixth of a wave
LEAST = 1e-3  # of the noise's highest power: less is not divided by


@dataclass(frozen=True, eq=False)
class MatchedFilter:
    r"""The template, place and height of greatest likelihood in stationary Gaussian noise of known power.

    With the noise's power S, template t and trace x, the statistic at lag τ is
    $\rho(\tau) = \sum_f x_f\,\bar t_f\,e^{2\pi i f \tau} / S_f$ over $\sqrt{\sum_f |t_f|^2 / S_f}$.

    Args:
        templates: pulses with their peak at the first sample, circular on the grid, (K, G).
        power: of the noise at each frequency of the grid.
        lines: taken out before.
        rate: of sampling, MHz.

    References:
        Signal recognition and background suppression by matched filters and neural networks for Tunka-Rex
        (Shipilov et al., 2018), arXiv:1812.03347
    """

    templates: Array
    power: Array
    lines: int
    rate: float

    def recover(self, trace: Float[np.ndarray, "n T"]) -> Recovered:
        """The best template, shifted and scaled; the score is its statistic over the median of it in the trace."""
        n, length = trace.shape
        whole = self.templates.shape[1]
        seen = np.fft.rfft(without_lines(trace, self.lines, self.rate), n=whole, axis=1)
        shapes = np.fft.rfft(self.templates, axis=1)
        top, place, height, which = np.full(n, -1.0), np.zeros(n, int), np.zeros(n), np.zeros(n, int)
        for k, shape in enumerate(shapes):
            weight = np.conj(shape) / self.power
            norm = np.sqrt(np.fft.irfft(shape * weight, n=whole)[0])
            rho = FINER * np.fft.irfft(seen * weight, n=FINER * whole, axis=1)[:, : FINER * length] / norm
            high = np.abs(rho)
            at = high.argmax(axis=1)
            value = high[np.arange(n), at] / np.maximum(np.median(high[:, ::FINER], axis=1), 1e-30)
            better = value > top
            top[better], place[better], which[better] = value[better], at[better], k
            height[better] = (rho[np.arange(n), at] / norm)[better]
        shift = np.exp(-2j * np.pi * np.fft.rfftfreq(whole) * place[:, None] / FINER)
        signal = np.fft.irfft(height[:, None] * shapes[which] * shift, n=whole, axis=1)[:, :length]
        return Recovered(signal, top)


def matched_filter(train: Samples, validation: Samples, rate: float) -> TraceFilter:
    """Templates are chosen among training pulses; how many, and how many lines go first, on validation."""
    trace, signal = pairs(train)
    pulses = with_pulse(train)[:SEEN].array[:, 1].astype(np.float64)
    whole = grid(trace.shape[1])
    centered = np.zeros((len(pulses), whole))
    centered[:, : trace.shape[1]] = pulses
    at = peak_place(pulses)
    centered = np.stack([np.roll(row, -p) / row[p] for row, p in zip(centered, at, strict=True)])
    tried = []
    for lines in LINES:
        noise = without_lines((trace - signal)[:4000], lines, rate)
        power = (np.abs(np.fft.rfft(noise, n=whole, axis=1)) ** 2).mean(axis=0)
        power = np.maximum(power, LEAST * power.max())
        order = spread_out(centered, power, SIZES[-1])
        tried += [MatchedFilter(centered[order[:k]], power, lines, rate) for k in SIZES if k <= len(order)]
    return best(tried, validation)


def spread_out(pulses: Float[np.ndarray, "n G"], power: Float[np.ndarray, " F"], count: int) -> list[int]:
    """Places of pulses of which each next one is the least like those before it; the first is the most typical."""
    white = np.fft.irfft(np.fft.rfft(pulses, axis=1) / np.sqrt(power), n=pulses.shape[1], axis=1)
    white /= np.sqrt(np.square(white).sum(axis=1, keepdims=True))
    alike = np.abs(white @ white.T)
    order = [int(alike.mean(axis=1).argmax())]
    while len(order) < min(count, len(pulses)):
        order.append(int(alike[:, order].max(axis=1).argmin()))
    return order
