"""What a model with a latent space can show beside its samples: reconstructions, and a walk between samples."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from simulacra.core.samples import Samples
from simulacra.models.base import Batch, Latent, Model
from simulacra.runs import Run
from simulacra.views.base import View

Array = NDArray[Any]


def show_latent(model: Model, view: View, train: Samples, truth: Samples, run: Run, seed: int) -> None:
    """Keep reconstructions of unseen samples, eight frames between two training samples, and a movie through five.

    Nothing is kept for a model without a latent space.
    """
    if not isinstance(model, Latent):
        return
    rng = np.random.default_rng([seed, 7])
    unseen = truth[rng.choice(len(truth), min(12, len(truth)), replace=False)]
    stops = train[rng.choice(len(train), min(5, len(train)), replace=False)]
    run.keep_exhibit(
        "reconstructions",
        {"input": unseen.array, "output": _through(model, view, unseen).array, "kind": np.array(unseen.kind)},
    )
    for name, ends, frames in (("path", stops[:2], 8), ("movie", stops, 12)):
        walked = walk(model, view, ends, frames)
        run.keep_exhibit(name, {"frames": walked.array, "kind": np.array(walked.kind), "ends": ends.id})


def walk(model: Model, view: View, stops: Samples, frames: int) -> Samples:
    """Straight lines through the latent space from stop to stop, `frames` a line, ends included; expected samples."""
    if not isinstance(model, Latent):
        raise TypeError("a walk needs a latent space")
    with torch.no_grad():
        z = model.encode(view.forward(stops).to(model.device))
        t = torch.linspace(0, 1, frames, device=z.device)[:, None]
        legs = [(1 - t) * z[i] + t * z[i + 1] for i in range(len(z) - 1)]
        # each later line begins where the one before it ended: that frame is shown once
        path = torch.cat([legs[0], *[leg[1:] for leg in legs[1:]]])
        return view.inverse(Batch(model.decode(path).x))


def _through(model: Latent, view: View, x: Samples) -> Samples:
    with torch.no_grad():
        device = next(model.parameters()).device if isinstance(model, torch.nn.Module) else torch.device("cpu")
        return view.inverse(Batch(model.decode(model.encode(view.forward(x).to(device))).x))
