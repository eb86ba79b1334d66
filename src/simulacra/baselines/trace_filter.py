"""What a classical filter of radio traces is: learned from pairs, tuned on others, it gives signal and score."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.radio.pulse_measures import Recovered, amplitude, in_place, off_by

ASIDE = True
LINES = (0, 1, 3)  # how many lines are taken out first; the best on validation is kept
CLEAR = 3.0  # the ratio above which a filter's gain is set
MOST = 1500  # validation traces that a choice is made on


@runtime_checkable
class TraceFilter(Protocol):
    """Finds the pulse in traces."""

    def recover(self, trace: Float[np.ndarray, "n T"]) -> Recovered:
        """The signal in each trace, in its unit, and how surely there is one."""
        ...


MakeFilter = Callable[[Samples, Samples, float], TraceFilter]
"""From training pairs, validation pairs and the rate of sampling (MHz) to a tuned filter."""


def pairs(x: Samples) -> tuple[Float[np.ndarray, "n T"], Float[np.ndarray, "n T"]]:
    """Traces and signals of samples of kind "trace"."""
    if x.kind != "trace" or x.array.ndim != 3 or x.array.shape[1] != 2:
        raise BadInput(
            "a filter learns from traces with their signals",
            f"{x.kind}, shape {x.array.shape}",
            "give samples of kind 'trace', (n, 2, length)",
        )
    return x.array[:, 0].astype(np.float64), x.array[:, 1].astype(np.float64)


def with_pulse(x: Samples) -> Samples:
    """The traces in which there is a pulse."""
    return x[np.abs(x.array[:, 1]).max(axis=1) > 0]


@dataclass(frozen=True, eq=False)
class Scaled:
    """A filter whose signals are multiplied by a number, so that peaks are as high as true ones.

    Args:
        inner: the filter.
        gain: the number.
    """

    inner: TraceFilter
    gain: float

    def recover(self, trace: Float[np.ndarray, "n T"]) -> Recovered:
        """The filter's signals, scaled; its scores."""
        found = self.inner.recover(trace)
        return Recovered(self.gain * found.signal, found.score)


def best(filters: Iterable[TraceFilter], validation: Samples) -> Scaled:
    """The one that puts the most peaks in their place; of equals the one with the smaller error.

    Its gain is set where peaks are clear (a ratio above 3, or the clearer half): there the median of true over
    recovered peaks becomes 1.
    """
    some = with_pulse(validation)[:MOST]
    trace, signal = pairs(some)
    chosen, least, kept = None, (np.inf, np.inf), signal
    for one in filters:
        found = one.recover(trace).signal
        rank = (-float(in_place(found, signal).mean()), float(np.median(off_by(found, signal))))
        if rank < least:
            chosen, least, kept = one, rank, found
    if chosen is None:
        raise BadInput("there is no filter to choose from", "none", "give one or more")
    snr = some.given["snr"] if "snr" in some.given else amplitude(signal)
    clear = snr > min(CLEAR, float(np.median(snr)))
    return Scaled(chosen, float(np.median(amplitude(signal[clear]) / np.maximum(amplitude(kept[clear]), 1e-30))))


def peak_over_median(x: Float[np.ndarray, "n T"]) -> Float[np.ndarray, " n"]:
    """The largest of numbers that are not negative, over their median."""
    return np.asarray(x.max(axis=1) / np.maximum(np.median(x, axis=1), 1e-30))


def chosen_of(one: TraceFilter) -> str:
    """What was chosen for a filter: its numbers, and how many templates it has."""
    plain: dict[str, float] = {}
    if isinstance(one, Scaled):
        plain["gain"], one = one.gain, one.inner
    plain |= {k: v for k, v in vars(one).items() if isinstance(v, int | float) and k != "rate"}
    plain |= {k: len(v) for k, v in vars(one).items() if isinstance(v, np.ndarray) and v.ndim == 2}
    return ", ".join(f"{k} = {v:.4g}" for k, v in plain.items())
