"""What a model can show beside its samples: a walk through its latent space, or the way from noise to a sample."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch

from simulacra.core.chance import stream
from simulacra.core.samples import Samples
from simulacra.exhibits.degrees import drawn, seen
from simulacra.kinds.base import kind_of
from simulacra.models.base import Batch, Chained, Decoding, Latent, Model
from simulacra.runs import Run
from simulacra.views.base import View


def show_latent(model: Model, view: View, train: Samples, truth: Samples, run: Run, seed: int) -> None:
    """Keep reconstructions of unseen samples, eight frames between two training samples, and a movie through five.

    A model that cannot say where a sample lies walks between draws instead. Nothing is kept for a model without a
    latent space.
    """
    rng = stream(seed, "latent walk")
    ways = ("path", 2, 8), ("movie", 5, 12)
    if isinstance(model, Latent):
        unseen = truth[rng.choice(len(truth), min(12, len(truth)), replace=False)]
        stops = train[rng.choice(len(train), min(5, len(train)), replace=False)]
        run.keep_exhibit(
            "reconstructions",
            {"input": unseen.array, "output": _through(model, view, unseen).array, "kind": np.array(unseen.kind)},
        )
        for name, count, frames in ways:
            walked = walk(model, view, stops[:count], frames)
            run.keep_exhibit(name, {"frames": walked.array, "kind": np.array(walked.kind), "ends": stops[:count].id})
    elif isinstance(model, Decoding):
        beside = train[[int(rng.integers(len(train)))]]
        for name, count, frames in ways:
            walked = wander(model, view, beside, count, frames, seed)
            run.keep_exhibit(name, {"frames": walked.array, "kind": np.array(walked.kind), "ends": np.full(count, "")})


def show_chain(model: Model, view: View, truth: Samples, run: Run, seed: int) -> None:
    """Keep ten frames (of molecules a film) from noise to a few samples, under conditions that truth has.

    Nothing is kept of a model that does not draw by degrees, or of kinds that are not seen on one sheet.
    """
    kind = kind_of(truth)
    n = kind.chain_of(truth)
    if not isinstance(model, Chained) or not n:
        return
    order = np.arange(len(truth))
    for values in truth.given.values():
        order = np.argsort(values, kind="stable")
        break
    beside = truth[order[np.linspace(0, len(order) - 1, n).round().astype(int)]]  # spread over the first condition
    given = view.forward(beside).to(model.device).given if model.conditions else None
    frames = seen(view, drawn(model, n, kind.frames, given, int(stream(seed, "chain").integers(2**63 - 1))))
    run.keep_exhibit("chain", {"frames": frames, "kind": np.array(truth.kind)})


def walk(model: Model, view: View, stops: Samples, frames: int) -> Samples:
    """Straight lines through the latent space from stop to stop, `frames` a line, ends included; expected samples."""
    if not isinstance(model, Latent):
        raise TypeError("a walk needs a latent space")
    with torch.no_grad():
        z = model.encode(view.forward(stops).to(model.device))
        t = torch.linspace(0, 1, frames, device=z.device)[:, None]
        return view.inverse(Batch(model.decode(_joined([(1 - t) * a + t * b for a, b in pairwise(z)])).x))


def wander(model: Model, view: View, beside: Samples, stops: int, frames: int, seed: int) -> Samples:
    """Arcs about the middle of the latent space from draw to draw, under the conditions of one sample.

    A straight line between two normal draws would pass nearer to the middle than almost any draw lies.
    """
    if not isinstance(model, Decoding):
        raise TypeError("to wander needs a latent space")
    training = model.training
    model.eval()
    with torch.no_grad():
        z = torch.randn(stops, model.latent, generator=torch.Generator().manual_seed(seed)).to(model.device)
        t = torch.linspace(0, 0.5 * torch.pi, frames, device=z.device)[:, None]
        path = _joined([t.cos() * a + t.sin() * b for a, b in pairwise(z)])
        given = {}
        if model.conditions:
            first = view.forward(beside).to(model.device).given
            given = {name: value.expand(len(path)) for name, value in first.items()}
        walked = view.inverse(Batch(model.decode(path, given).x))
    model.train(training)
    return walked


def _joined(legs: list[torch.Tensor]) -> torch.Tensor:
    """Each later leg begins where the one before it ended: that frame is shown once."""
    return torch.cat([legs[0], *[leg[1:] for leg in legs[1:]]])


def _through(model: Latent, view: View, x: Samples) -> Samples:
    with torch.no_grad():
        device = next(model.parameters()).device if isinstance(model, torch.nn.Module) else torch.device("cpu")
        return view.inverse(Batch(model.decode(model.encode(view.forward(x).to(device))).x))
