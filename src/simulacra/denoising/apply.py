"""A trained denoiser on traces: in batches, with how surely each holds a pulse."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from jaxtyping import Float

from simulacra.core.errors import BadInput
from simulacra.core.progress import Progress
from simulacra.core.samples import Samples
from simulacra.domains.radio.offsets import dead
from simulacra.domains.radio.pulse_measures import Recovered, amplitude
from simulacra.keeping.trained import Trained
from simulacra.models.base import Denoiser

BATCH = 256


def denoise(trained: Trained, trace: Float[np.ndarray, "n T"], unit: str = "1") -> Recovered:
    """The signal in each trace, in its unit, and its score: its peak over the size of what is left, 0 if constant.

    Args:
        trained: a denoiser with its view.
        trace: as many samples as those of the training, at the same rate.
        unit: of the traces.
    """
    model = trained.model
    if not isinstance(model, Denoiser):
        raise BadInput("this model does not denoise", type(model).__name__, "name a run of radio_by_denoiser")
    signals = []
    with torch.inference_mode(), Progress("denoising", len(trace)) as progress:
        for start in range(0, len(trace), BATCH):
            some = Samples.of(trace[start : start + BATCH, None], "trace", unit)
            batch = model.denoise(bare(trained).forward(some).to(model.device))
            signals.append(trained.view.inverse(batch).array[:, 0])
            progress.step(len(some))
    signal = np.concatenate(signals)
    rest = np.sqrt(np.square(trace - signal, dtype=np.float64).mean(axis=1))
    alive = ~dead(trace)  # a constant trace has no noise to hold a pulse against
    return Recovered(signal, np.where(alive, amplitude(signal) / np.maximum(rest, 1e-30), 0.0))


def bare(trained: Trained) -> Any:  # noqa: ANN401 - a view
    """The view without conditions: a denoiser is given traces alone."""
    from dataclasses import replace

    view: Any = trained.view
    return replace(view, given={})
