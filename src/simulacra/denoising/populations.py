"""Recovered signals as a population, to be judged against the true signals of other traces."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.domains.radio.pulse_measures import Recovered

KIND = "pulse"
JUDGED = 1000  # recovered signals before the judges, and true ones, at most


def populations(
    parts: Mapping[str, Samples], found: Mapping[str, Recovered], clear: float
) -> tuple[dict[str, Samples], Samples, Samples]:
    """Signals recovered from every second clear trace; true ones of the others, and those of the training.

    Args:
        parts: "truth" and "train".
        found: what each method recovered of the truth.
        clear: signals above this ratio are judged.
    """
    truth, train = parts["truth"], parts["train"][parts["train"].given["snr"] > clear]
    at = np.flatnonzero(truth.given["snr"] > clear)
    here, there = at[::2][:JUDGED], at[1::2][:JUDGED]
    sets = {name: _alone(r.signal[here], truth[here], f"recovered by {name}") for name, r in found.items()}
    some = truth[there]
    true = _alone(some.array[:, 1], some, "true signals")
    return sets, true, _alone(train.array[:, 1], train, "true signals of the training")


def _alone(x: Array, of: Samples, origin: str) -> Samples:
    """Signals without their traces."""
    return Samples.of(x.astype(np.float32), KIND, of.unit, f"{origin}; {of.origin}", id=of.id, group=of.group)
