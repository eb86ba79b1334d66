"""Denoised traces made ready to be seen: a few of each signal-to-noise ratio, and spectra of truth and recovery."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.domains.radio.pulse_measures import Recovered
from simulacra.skill.pulses import spectra

SHOWN = (1.5, 2.0, 3.0, 5.0, 8.0)
"""Ratios of the traces that are shown: of each the one that comes nearest, whatever became of it."""
MODEL = "model"


def best_filter(stated: Mapping[str, Any]) -> str:
    """The filter that puts the most peaks in their place, over all traces; of equals the one with the least error."""
    rows = {str(name): stated["rows"][-1] for name, stated in stated["methods"].items() if name != MODEL}
    return max(rows, key=lambda name: (rows[name]["peak"]["value"], -rows[name]["error"]))


def examples(
    truth: Samples, found: Mapping[str, Recovered], stated: Mapping[str, Any], rate: float
) -> dict[str, Array]:
    """Traces, signals, and what the model and the best filter made of them."""
    snr = truth.given["snr"]
    at = np.array(list(dict.fromkeys(int(np.abs(snr - wanted).argmin()) for wanted in SHOWN)))
    best = best_filter(stated)
    unit = truth.unit
    return {
        "rate": np.array(rate),
        "unit": np.array(unit),
        "best": np.array(best),
        "snr": snr[at],
        "trace": truth.array[at, 0],
        "signal": truth.array[at, 1],
        "model": found[MODEL].signal[at].astype(np.float32),
        "filter": found[best].signal[at].astype(np.float32),
    }


def pictured(
    truth: Samples, found: Mapping[str, Recovered], stated: Mapping[str, Any], rate: float, clear: float
) -> dict[str, Array]:
    """Spectra of one trace of moderate ratio, and of all above `clear`: as recorded, true, and recovered."""
    snr = truth.given["snr"]
    one = np.array([int(np.abs(snr - 4.0).argmin())])
    many = np.flatnonzero(snr > clear) if (snr > clear).any() else np.arange(len(snr))
    best = best_filter(stated)
    kept: dict[str, Array] = {"best": np.array(best), "snr": snr[one], "clear": np.array(clear)}
    kept["unit"] = np.array(truth.unit)
    rows = {
        "trace": truth.array[:, 0],
        "signal": truth.array[:, 1],
        "model": found[MODEL].signal,
        "filter": found[best].signal,
    }
    for name, x in rows.items():
        for which, at in (("one", one), ("many", many)):
            kept["frequency"], kept[f"{which}.{name}"] = spectra(np.asarray(x[at], dtype=np.float64), rate)
    return kept
