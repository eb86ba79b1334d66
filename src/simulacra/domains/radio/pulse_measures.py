"""What is read off a radio pulse: when it comes, how high and how wide it is, and how much energy it carries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.signal import hilbert

from simulacra.core.samples import Array

WITHIN = 0.02
"""The article's rule: a recovered peak is in its place within this share of the trace (10 of 500 samples)."""
HALF = 25  # samples on either side of the peak in which a pulse's energy is summed


@dataclass(frozen=True)
class Recovered:
    """What was found in traces.

    Args:
        signal: the pulse in each, (n, T), in the unit of the traces.
        score: how surely there is one, (n,); larger is surer.
    """

    signal: Array
    score: Array


def peak_place(x: Float[np.ndarray, "n T"]) -> Int[np.ndarray, " n"]:
    """The sample at which each pulse is farthest from zero."""
    return np.asarray(np.abs(x).argmax(axis=1))


def amplitude(x: Float[np.ndarray, "n T"]) -> Float[np.ndarray, " n"]:
    """How far that is."""
    return np.asarray(np.abs(x).max(axis=1), dtype=np.float64)


def around_peak(x: Float[np.ndarray, "n T"], half: int = HALF) -> Float[np.ndarray, "n W"]:
    """The samples around each peak; zeros where they lie beyond the ends."""
    padded = np.pad(np.asarray(x, dtype=np.float64), ((0, 0), (half, half)))
    at = peak_place(x)[:, None] + np.arange(2 * half + 1)
    return np.take_along_axis(padded, at, axis=1)


def energy(x: Float[np.ndarray, "n T"], rate: float) -> Float[np.ndarray, " n"]:
    """The sum of squares around the peak times the time between samples, (unit of x)² µs; `rate` in MHz."""
    return np.asarray(np.square(around_peak(x)).sum(axis=1) / rate)


def equivalent_width(x: Float[np.ndarray, "n T"], rate: float) -> Float[np.ndarray, " n"]:
    """Energy over the square of the peak of the envelope, ns: how long a pulse as high as its peak would last."""
    near = around_peak(x)
    top = np.abs(hilbert(near, axis=1)).max(axis=1)
    return np.asarray(1e3 / rate * np.square(near).sum(axis=1) / np.maximum(top, 1e-30) ** 2)


def in_place(
    x: Float[np.ndarray, "n T"], truth: Float[np.ndarray, "n T"], within: float = WITHIN
) -> Bool[np.ndarray, " n"]:
    """Whether each recovered peak lies within this share of the trace from the true one; never where all is zero."""
    near = np.abs(peak_place(x) - peak_place(truth)) <= within * x.shape[1]
    return np.asarray(near & (amplitude(x) > 0))


def off_by(x: Float[np.ndarray, "n T"], truth: Float[np.ndarray, "n T"]) -> Float[np.ndarray, " n"]:
    """The energy of the error over the energy of the true signal."""
    error = np.square(x - truth, dtype=np.float64).sum(axis=1)
    return np.asarray(error / np.maximum(np.square(truth, dtype=np.float64).sum(axis=1), 1e-30))
