"""What a classical filter of radio traces is: learned from pairs, tuned on others, it tells the signal and how sure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.pulse_measures import Recovered, in_place, off_by

Array = NDArray[Any]
LINES = (0, 1, 3)  # how many lines are taken out first; the best on validation is kept
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


def best(filters: Iterable[TraceFilter], validation: Samples) -> TraceFilter:
    """The one that puts the most peaks in their place; of equals the one with the smaller error."""
    trace, signal = pairs(with_pulse(validation)[:MOST])
    chosen, least = None, (np.inf, np.inf)
    for one in filters:
        found = one.recover(trace).signal
        rank = (-float(in_place(found, signal).mean()), float(np.median(off_by(found, signal))))
        if rank < least:
            chosen, least = one, rank
    if chosen is None:
        raise BadInput("there is no filter to choose from", "none", "give one or more")
    return chosen


def peak_over_median(x: Float[np.ndarray, "n T"]) -> Float[np.ndarray, " n"]:
    """The largest of numbers that are not negative, over their median."""
    return np.asarray(x.max(axis=1) / np.maximum(np.median(x, axis=1), 1e-30))
