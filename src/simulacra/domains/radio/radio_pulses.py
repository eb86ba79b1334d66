"""Radio pulses of air showers as a station records them: the field, the antenna, and its band."""

from __future__ import annotations

import numpy as np
from jaxtyping import Complex, Float

BAND = (30.0, 80.0)
"""MHz: between short-wave and FM transmitters; the band of AERA, LOFAR's low antennas and Tunka-Rex."""
ORDER = 8  # of the filter's edges
DELAY = 20.0  # ns, of the antenna's wave at 55 MHz: a few meters of a log-periodic antenna
MIDDLE = 55.0  # MHz


def grid(length: int) -> int:
    """Samples of the frame in which pulses and noise are made, so that none that leaves a trace comes back in."""
    return 1 << (2 * length - 1).bit_length()


def frequencies(length: int, rate: float) -> Float[np.ndarray, " F"]:
    """Frequencies of a frame of so many samples, MHz; `rate` in MHz."""
    return np.asarray(np.fft.rfftfreq(length, 1 / rate))


def band(f: Float[np.ndarray, " F"], low: float = BAND[0], high: float = BAND[1]) -> Float[np.ndarray, " F"]:
    """Share of the amplitude that a filter lets through at each frequency, MHz; half of the power at its edges."""
    below = (low / np.maximum(f, 1e-9)) ** (2 * ORDER)
    above = (f / high) ** (2 * ORDER)
    return np.asarray(1 / np.sqrt((1 + below) * (1 + above)))


def antenna(f: Float[np.ndarray, " F"]) -> Complex[np.ndarray, " F"]:
    r"""Response of a log-periodic antenna with its filter, 1 in the middle of the band.

    Its active part moves along the antenna with the wavelength, so that the wave of frequency f is delayed by
    $\tau\,f_0/f$: the phase is $-2\pi \tau f_0 \ln(f/f_0)$, and a short pulse comes out as a short falling chirp.
    """
    phase = -2 * np.pi * 1e-3 * DELAY * MIDDLE * np.log(np.maximum(f, 1.0) / MIDDLE)
    return np.asarray(band(f) * np.exp(1j * phase))


def pulses(
    width: Float[np.ndarray, " n"], arrival: Float[np.ndarray, " n"], length: int, rate: float
) -> Float[np.ndarray, "n T"]:
    r"""Pulses of peak 1 (of their absolute value), as the antenna gives them.

    The field is bipolar, the derivative of a Gaussian of this width: its spectrum is
    $f\,e^{-2 (\pi \sigma f)^2}$, nearly flat in the band where the shower is seen along its cone (small σ) and steeply
    falling far from it.

    Args:
        width: σ of the Gaussian, ns.
        arrival: of the middle of the field, samples from the beginning of the trace.
        length: samples of a trace, T.
        rate: of sampling, MHz.
    """
    whole = grid(length)
    f = frequencies(whole, rate)
    field = 1j * f * np.exp(-2 * (np.pi * 1e-3 * width[:, None] * f) ** 2)
    shifted = field * antenna(f) * np.exp(-2j * np.pi * arrival[:, None] * f / rate)
    shape = np.fft.irfft(shifted, n=whole, axis=1)[:, :length]
    return np.asarray(shape / np.abs(shape).max(axis=1, keepdims=True))
