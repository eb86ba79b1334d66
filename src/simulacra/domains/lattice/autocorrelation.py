"""How long a Markov chain remembers: the integrated autocorrelation time."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float


def autocorrelation(series: Float[np.ndarray, "chains steps"]) -> Float[np.ndarray, " steps"]:
    """Normalized autocorrelation of independent chains of one law, by lag; the mean is that of all chains."""
    steps = series.shape[1]
    centered = series - series.mean()
    power = np.abs(np.fft.rfft(centered, n=2 * steps, axis=1)) ** 2
    covariance = np.fft.irfft(power.sum(axis=0))[:steps] / np.arange(steps, 0, -1)
    if covariance[0] <= 1e-12 * max(1.0, float(series.mean()) ** 2) * len(series):  # nothing moved: nothing to remember
        return np.asarray(np.eye(1, steps)[0])
    return np.asarray(covariance / covariance[0])


def autocorrelation_time(series: Float[np.ndarray, "chains steps"], window: float = 6.0) -> float:
    r"""Integrated autocorrelation time $\tau = 1/2 + \sum_t \rho(t)$, in steps, summed up to `window` times itself.

    An exponential memory of e-folding time T has $\tau \approx T$; no memory at all has 1/2.

    Args:
        series: one quantity of independent, equilibrated chains.
        window: where the sum stops, in units of the time itself; beyond lies only noise.

    References:
        Monte Carlo methods in statistical mechanics: foundations and new algorithms (Sokal, 1997),
            doi:10.1007/978-1-4899-0319-8_6
    """
    times = np.cumsum(autocorrelation(series)) - 0.5
    far = np.flatnonzero(np.arange(len(times)) >= window * times)
    return max(0.5, float(times[far[0] if len(far) else -1]))
