"""What recovered pulses are worth: peaks in their place, amplitude, energy, and detection, by signal-to-noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.stats import norm

from simulacra.core.chance import stream
from simulacra.core.samples import Array
from simulacra.domains.radio.pulse_measures import Recovered, amplitude, energy, in_place, off_by

RESAMPLED = 2000
SURE = 0.8  # share of the traces, the surest ones, over which the published energy resolution is told
FALSE = 2.0  # a false pulse: a recovered peak of so many times the trace's root mean square
CLEAR = 3.0  # the signal-to-noise ratio above which the published classifier finds nine in ten


@dataclass(frozen=True)
class Truth:
    """True signals, and what is known of each.

    Args:
        signal: (n, T).
        snr: peak over the background's root mean square, (n,).
        rate: of sampling, MHz.
    """

    signal: Array
    snr: Array
    rate: float


def wilson(hits: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Wilson's interval of a share.

    >>> [round(v, 3) for v in wilson(8, 10)]
    [0.49, 0.943]
    """
    if not n:
        return 0.0, 1.0
    z = float(norm.ppf(0.5 + level / 2))
    p, w = hits / n, z * z / n
    half = z * np.sqrt(p * (1 - p) / n + w / (4 * n))
    return max(0.0, float((p + w / 2 - half) / (1 + w))), min(1.0, float((p + w / 2 + half) / (1 + w)))


def share(found: Bool[np.ndarray, " n"]) -> dict[str, float]:
    """A share with its 95 % interval."""
    low, high = wilson(int(found.sum()), len(found))
    return {"value": float(found.mean()) if len(found) else float("nan"), "low": low, "high": high}


def bins_of(snr: Float[np.ndarray, " n"], edges: Sequence[float]) -> Int[np.ndarray, " n"]:
    """The bin of each; beyond the ends, those at the ends."""
    return np.asarray(np.clip(np.digitize(snr, np.asarray(edges)[1:-1]), 0, len(edges) - 2))


def deviation(found: Array, true: Array) -> dict[str, float]:
    """Bias and resolution: the median of the relative deviation, and half of the span of the middle 68 %."""
    if not len(found):
        return {"bias": float("nan"), "resolution": float("nan")}
    low, middle, high = np.quantile(found / np.maximum(true, 1e-30) - 1, [0.16, 0.5, 0.84])
    return {"bias": float(middle), "resolution": float((high - low) / 2)}


def figures(recovered: Recovered, truth: Truth, threshold: float, edges: Sequence[float]) -> list[dict[str, Any]]:
    """A row for each bin of signal-to-noise, and a last one for all traces with a pulse.

    Args:
        recovered: of traces with a pulse, in the order of the truth.
        truth: their signals.
        threshold: of the score, above which a pulse counts as detected.
        edges: of the bins, ascending.
    """
    near = in_place(recovered.signal, truth.signal)
    found = recovered.score > threshold
    off = off_by(recovered.signal, truth.signal)
    heights = amplitude(recovered.signal), amplitude(truth.signal)
    energies = energy(recovered.signal, truth.rate), energy(truth.signal, truth.rate)
    bin_ = bins_of(truth.snr, edges)
    rows = []
    for k, (low, high) in enumerate([*pairwise(edges), (edges[0], edges[-1])]):
        at = bin_ == k if k < len(edges) - 1 else np.ones(len(near), dtype=bool)
        rows.append(
            {
                "low": float(low),
                "high": float(high),
                "n": int(at.sum()),
                "peak": share(near[at]),
                "efficiency": share(found[at]),
                "amplitude": deviation(heights[0][at], heights[1][at]),
                "energy": deviation(energies[0][at], energies[1][at]),
                "error": float(np.median(off[at])) if at.any() else float("nan"),
            }
        )
    return rows


def overall(recovered: Recovered, truth: Truth, threshold: float) -> dict[str, Any]:
    """Numbers over all traces with a pulse: the published ones, and the peak's under a uniform law of the ratio.

    The ratio is drawn with a uniform logarithm; under a law that is uniform in the ratio itself each trace counts in
    proportion to it.
    """
    near = in_place(recovered.signal, truth.signal)
    weight = truth.snr / truth.snr.sum()
    even = float(weight @ near)
    spread = float(np.sqrt(np.square(weight) @ np.square(near - even)))
    surest = np.argsort(-recovered.score, kind="stable")[: max(1, round(SURE * len(near)))]
    clear, found = truth.snr > CLEAR, recovered.score > threshold
    energies = energy(recovered.signal, truth.rate), energy(truth.signal, truth.rate)
    return {
        "uniform": {"value": even, "low": even - 1.96 * spread, "high": even + 1.96 * spread},
        "energy_of_surest": deviation(energies[0][surest], energies[1][surest]),
        "energy_of_clear": deviation(energies[0][clear], energies[1][clear]),
        "energy_of_detected": deviation(energies[0][found], energies[1][found]),
        "clear": share(found[clear]),
    }


def quiet(score: Float[np.ndarray, " n"], signal: Float[np.ndarray, "n T"], trace: Float[np.ndarray, "n T"],
          threshold: float) -> dict[str, Any]:  # fmt: skip
    """What is found where there is nothing: the measured rate of false alarms, and how high false pulses are.

    Args:
        score: of traces without a pulse.
        signal: what was recovered from them.
        trace: the traces.
        threshold: of the score.
    """
    height = amplitude(signal) / np.sqrt(np.square(trace, dtype=np.float64).mean(axis=1))
    return {
        "n": len(score),
        "alarms": share(score > threshold),
        "high": share(height > FALSE),
        "median": float(np.median(height)),
    }


def threshold_of(score: Float[np.ndarray, " n"], rate: float) -> float:
    """The score that no more than this share of traces without a pulse exceeds."""
    order = np.sort(np.asarray(score, dtype=np.float64))[::-1]
    return float(order[int(np.floor(rate * len(order)))])


def beside(
    ours: Recovered, others: Mapping[str, Recovered], truth: Truth, edges: Sequence[float], seed: int
) -> list[dict[str, Any]]:
    """How many more peaks lie in their place than by each other way, with 95 % intervals: traces drawn anew in pairs.

    A row for each bin and each other way, and for all traces at last.
    """
    rng = stream(seed, "skill with pulses")
    near = in_place(ours.signal, truth.signal).astype(float)
    bin_ = bins_of(truth.snr, edges)
    rows = []
    for k, (low, high) in enumerate([*pairwise(edges), (edges[0], edges[-1])]):
        at = np.flatnonzero(bin_ == k) if k < len(edges) - 1 else np.arange(len(near))
        if len(at) < 2:
            continue
        for name, other in others.items():
            gap = near[at] - in_place(other.signal[at], truth.signal[at])
            counts = np.array([(gap == v).sum() for v in (-1.0, 0.0, 1.0)])
            # of a gap that is -1, 0 or 1, a set drawn anew is told by how often each value comes
            drawn = rng.multinomial(len(at), counts / len(at), RESAMPLED) @ np.array([-1.0, 0.0, 1.0]) / len(at)
            ends = np.quantile(drawn, [0.025, 0.975])
            rows.append(
                {"low": float(low), "high": float(high), "n": len(at), "beside": name, "gap": float(gap.mean()),
                 "least": float(ends[0]), "most": float(ends[1])}
            )  # fmt: skip
    return rows


def spectra(x: Float[np.ndarray, "n T"], rate: float) -> tuple[Float[np.ndarray, " F"], Float[np.ndarray, " F"]]:
    """Frequencies, MHz, and the root of the mean power at each, in the unit of x, per root of MHz."""
    length = x.shape[1]
    power = (np.abs(np.fft.rfft(x, axis=1)) ** 2).mean(axis=0) * 2 / (length * rate)
    return np.asarray(np.fft.rfftfreq(length, 1 / rate)), np.asarray(np.sqrt(power))
