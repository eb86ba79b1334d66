"""Spectrum of a radio pulse: how its power is shared out among bands of frequency."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.radio.pulse_measures import around_peak
from simulacra.statistics.base import Axis

EDGES = (30.0, 40.0, 50.0, 60.0, 70.0, 80.0)  # MHz
LEAST = 1e-4  # of a pulse's power: a band with less has this much
HIGH = 60.0  # MHz: frequencies above lose power in the planted defect
GRID = 256  # samples of the frame


@dataclass(frozen=True)
class PulseBands:
    """The decimal logarithm of the share of each pulse's power in bands of 10 MHz from 30 to 80 MHz.

    Args:
        rate: of sampling, MHz.
    """

    accepts: ClassVar[tuple[str, ...]] = ("pulse",)
    defect: ClassVar[str] = "{amount:.0%} less power above 60 MHz"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    rate: float = 180.0

    def __call__(self, x: Samples) -> Float[np.ndarray, "n bands"]:
        """One number a band."""
        power = np.abs(np.fft.rfft(around_peak(x.array), n=GRID, axis=1)) ** 2
        f = np.fft.rfftfreq(GRID, 1 / self.rate)
        bands = [power[:, (f >= a) & (f < b)].sum(axis=1) for a, b in pairwise(EDGES)]
        share = np.stack(bands, axis=1) / np.maximum(power.sum(axis=1, keepdims=True), 1e-30)
        return np.asarray(np.log10(np.maximum(share, LEAST)))

    def axis(self, x: Samples) -> Axis:
        """Shares over the middle of each band."""
        middle = tuple((a + b) / 2 for a, b in pairwise(EDGES))
        return Axis("log10 share of the power", "frequency", "MHz", middle)

    def perturb(self, x: Samples, amount: float) -> Samples:
        """This share of the power taken away above 60 MHz."""
        length = x.array.shape[1]
        keep = np.where(np.fft.rfftfreq(length, 1 / self.rate) > HIGH, np.sqrt(1 - amount), 1.0)
        less = np.fft.irfft(np.fft.rfft(x.array, axis=1) * keep, n=length, axis=1)
        return x.but(x=less.astype(x.array.dtype))
