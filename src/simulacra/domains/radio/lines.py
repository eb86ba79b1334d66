"""Narrow-band lines taken out of traces: the strongest sines, fitted and subtracted one after another."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

CLEAR = 20.0
"""A line stands so many times above the median power of its trace's spectrum; of noise without lines and of a few
hundred frequencies, the highest stands at about ten times."""
FINER = 4  # frequencies looked at, for each that the length of a trace distinguishes


def without_lines(x: Float[np.ndarray, "n T"], count: int, rate: float) -> Float[np.ndarray, "n T"]:
    """Traces less up to `count` sines each, the strongest first; a trace without a clear line stays as it is.

    The frequency is where the power under a Hann window is highest, between the grid's frequencies by a parabola
    through its logarithm; phase and height are then fitted by least squares.

    Args:
        x: traces.
        count: lines to be taken out at most.
        rate: of sampling, MHz.
    """
    x = np.array(x, dtype=np.float64)
    n, length = x.shape
    window = np.hanning(length + 2)[1:-1]
    whole = FINER * (1 << (length - 1).bit_length())
    f = np.fft.rfftfreq(whole)
    inside = (f * rate > 30) & (f * rate < 80)
    time = np.arange(length)
    left = np.arange(n)
    for _ in range(count):
        power = np.abs(np.fft.rfft(x[left] * window, n=whole, axis=1)) ** 2
        top = power[:, 1:-1].argmax(axis=1) + 1
        rows = np.arange(len(left))
        clear = power[rows, top] > CLEAR * np.median(power[:, inside], axis=1)
        left, top, power = left[clear], top[clear], power[clear]
        if not len(left):
            break
        low, mid, high = (np.log(power[np.arange(len(left)), top + d] + 1e-30) for d in (-1, 0, 1))
        bend = low - 2 * mid + high
        at = (top + np.clip(0.5 * (low - high) / np.where(bend < 0, bend, -1e30), -0.5, 0.5)) / whole
        angle = 2 * np.pi * at[:, None] * time
        waves = np.stack([np.cos(angle), np.sin(angle)], axis=2)
        normal = np.einsum("nti,ntj->nij", waves, waves)
        seen = np.einsum("nti,nt->ni", waves, x[left])
        x[left] -= np.einsum("nti,ni->nt", waves, np.linalg.solve(normal, seen[..., None])[..., 0])
    return x
