"""Wavelet shrinkage: details that stand out of their scale are kept, all others are taken for noise."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from jaxtyping import Float

from simulacra.baselines.trace_filter import LINES, TraceFilter, best
from simulacra.core.samples import Samples
from simulacra.domains.radio.lines import without_lines
from simulacra.domains.radio.pulse_measures import Recovered
from simulacra.domains.radio.wavelets import analyze, compose

MOMENTS, SHARES = (2, 4, 8), (0.5, 0.7, 1.0, 1.3)
LEVELS = 5
MEDIAN = 0.6744897501960817  # of the absolute value of a standard normal number


@dataclass(frozen=True)
class WaveletShrinkage:
    r"""Each detail d of a scale becomes $d - t^2/d$ where $|d| > t$, else 0 (the garrote).

    The threshold is a share of $\sigma \sqrt{2 \ln T}$, with σ of each scale and trace from the median of its details.

    Args:
        moments: vanishing moments of Daubechies' wavelet.
        share: of the universal threshold.
        lines: taken out before.
        rate: of sampling, MHz.

    References:
        Ideal spatial adaptation by wavelet shrinkage (Donoho & Johnstone, 1994), doi:10.1093/biomet/81.3.425
        Wavelet shrinkage denoising using the non-negative garrote (Gao, 1998), doi:10.1080/10618600.1998.10474789
        Wavelet threshold estimators for data with correlated noise (Johnstone & Silverman, 1997),
        doi:10.1111/1467-9868.00071
    """

    moments: int
    share: float
    lines: int
    rate: float

    def recover(self, trace: Float[np.ndarray, "n T"]) -> Recovered:
        """What is left; the score is its peak over the root mean square of what was taken away."""
        length = trace.shape[1]
        clean = without_lines(trace, self.lines, self.rate)
        whole = 2**LEVELS * -(-length // 2**LEVELS)
        parts = analyze(np.pad(clean, ((0, 0), (0, whole - length))), self.moments, LEVELS)
        universal = self.share * np.sqrt(2 * np.log(length))
        kept = []
        for part in parts:
            t = universal * np.median(np.abs(part), axis=1, keepdims=True) / MEDIAN
            big = np.abs(part) > t
            kept.append(np.where(big, part - t**2 / np.where(big, part, 1.0), 0.0))
        signal = compose(kept, self.moments)[:, :length]
        rest = np.sqrt(np.square(clean - signal).mean(axis=1))
        return Recovered(signal, np.abs(signal).max(axis=1) / np.maximum(rest, 1e-30))


def wavelet_shrinkage(train: Samples, validation: Samples, rate: float) -> TraceFilter:
    """Wavelet, threshold and lines are chosen on validation; nothing is learned."""
    return best((WaveletShrinkage(m, s, k, rate) for m, s, k in product(MOMENTS, SHARES, LINES)), validation)
