"""A test on pulses of another instrument: real shapes under the noise of the study, and real events as they came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.signal import hilbert

from simulacra.baselines.trace_filter import TraceFilter
from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.denoising.apply import denoise
from simulacra.domains.radio.pulse_measures import WITHIN, in_place, peak_place
from simulacra.keeping.trained import Trained
from simulacra.skill.pulses import CLEAR, Truth, figures, share
from simulacra.sources.radio.anita_pulses import AnitaPulses

TIMES = 40  # that each pulse is laid upon a background


@dataclass(frozen=True)
class Transfer:
    """ANITA's pulses, slowed down: on backgrounds of the truth part, and the coherent sums as they were recorded.

    Of the pulses the truth is known; a ratio is drawn as in training. Of the coherent sums it is not: what stands for
    it is the highest place of their own envelope, which is far above their noise.

    Args:
        path: the npz of the data card; None takes it from the data folder.
        bins: edges of the signal-to-noise ratios.
    """

    path: Path | None = None
    bins: tuple[float, ...] = (1.0, 2.5, 5.0, 10.0)

    def __call__(
        self,
        trained: Trained,
        filters: Mapping[str, TraceFilter],
        threshold: Mapping[str, float],
        truth: Samples,
        seed: int,
    ) -> dict[str, Any]:
        """A row of figures for each method; {"left_out": why} where the data are not at hand."""
        source = AnitaPulses(self.path, truth.array.shape[2])
        try:
            pulses, events = source.read(), source.events()
        except BadInput as error:
            return {"left_out": f"{error.wrong}: {error.given}"}
        trace, true = self.laid_upon(pulses.array, truth, seed)
        sums = events.array[:, 0]
        where = np.abs(hilbert(sums, axis=1)).argmax(axis=1)
        stated: dict[str, Any] = {"pulses": len(pulses), "traces": len(trace), "events": len(sums), "methods": {}}
        stated["bins"] = list(self.bins)
        for name in ("model", *filters):
            found = denoise(trained, trace) if name == "model" else filters[name].recover(trace)
            seen = denoise(trained, sums) if name == "model" else filters[name].recover(sums)
            near = np.abs(peak_place(seen.signal) - where) <= WITHIN * sums.shape[1]
            kept = np.square(seen.signal).sum(axis=1) / np.square(sums).sum(axis=1)
            alike = [float(np.corrcoef(a, b)[0, 1]) if a.any() else 0.0 for a, b in zip(seen.signal, sums, strict=True)]
            stated["methods"][name] = {
                "rows": figures(found, true, threshold[name], self.bins),
                "clear": share(in_place(found.signal, true.signal)[true.snr > CLEAR]),
                "events": share(near),
                "detected": share(seen.score > threshold[name]),
                "energy_kept": float(np.median(kept)),
                "correlation": float(np.median(alike)),
            }
        return stated

    def laid_upon(self, pulses: Array, truth: Samples, seed: int) -> tuple[Array, Truth]:
        """Each pulse many times at a random place, ratio and polarity, on backgrounds of the truth part."""
        rng = stream(seed, "pulses of another instrument")
        length = pulses.shape[1]
        which = np.repeat(np.arange(len(pulses)), TIMES)
        noise = (truth.array[:, 0] - truth.array[:, 1])[rng.integers(len(truth), size=len(which))].astype(np.float64)
        shift = rng.integers(round(0.1 * length), round(0.9 * length), len(which)) - length // 2
        at = np.arange(length) - shift[:, None]
        inside = (at >= 0) & (at < length)
        shape = np.where(inside, np.take_along_axis(pulses[which], np.clip(at, 0, length - 1), axis=1), 0.0)
        ratio = np.exp(rng.uniform(np.log(self.bins[0]), np.log(self.bins[-1]), len(which)))
        height = ratio * np.sqrt(np.square(noise).mean(axis=1)) * rng.choice(np.array([-1.0, 1.0]), len(which))
        signal = height[:, None] * shape
        return noise + signal, Truth(signal, ratio, 180.0)
