"""The model and the filters on the same traces: what each recovers, and what it is worth by signal-to-noise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulacra.baselines.trace_filter import TraceFilter
from simulacra.core.progress import Progress
from simulacra.core.samples import Samples
from simulacra.denoising.apply import denoise
from simulacra.domains.radio.pulse_measures import Recovered
from simulacra.keeping.trained import Trained
from simulacra.skill.pulses import Truth, beside, figures, overall, quiet

MODEL = "model"
AT_ONCE = 1000  # traces


def recover_all(trained: Trained, filters: Mapping[str, TraceFilter], x: Samples) -> dict[str, Recovered]:
    """What the model and every filter find in these traces."""
    trace = x.array[:, 0].astype(np.float64)
    found = {MODEL: denoise(trained, trace, x.unit)}
    with Progress("filtering", len(filters)) as progress:
        for name, one in filters.items():
            some = [one.recover(trace[i : i + AT_ONCE]) for i in range(0, len(trace), AT_ONCE)]
            found[name] = Recovered(
                np.concatenate([s.signal for s in some]).astype(np.float32), np.concatenate([s.score for s in some])
            )
            progress.step()
    return found


def measured(
    parts: Mapping[str, Samples],
    found: Mapping[str, Mapping[str, Recovered]],
    threshold: Mapping[str, float],
    rate: float,
    bins: tuple[float, ...],
    seed: int,
) -> dict[str, Any]:
    """Figures of every method ("methods"), and the model's beside each filter's ("beside").

    Args:
        parts: "truth" and, without a signal, "quiet".
        found: what each method recovered of these parts.
        threshold: of each method's score, set on validation.
        rate: of sampling, MHz.
        bins: edges of the signal-to-noise ratios.
        seed: of the intervals.
    """
    truth = parts["truth"]
    true = Truth(truth.array[:, 1].astype(np.float64), truth.given["snr"], rate)
    methods = {}
    for name, recovered in found["truth"].items():
        nothing = found["quiet"][name]
        methods[name] = {
            "threshold": threshold[name],
            "rows": figures(recovered, true, threshold[name], bins),
            "overall": overall(recovered, true, threshold[name]),
            "quiet": quiet(nothing.score, nothing.signal, parts["quiet"].array[:, 0], threshold[name]),
        }
    rest = {name: r for name, r in found["truth"].items() if name != MODEL}
    return {"methods": methods, "beside": beside(found["truth"][MODEL], rest, true, bins, seed)}
