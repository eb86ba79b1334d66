"""A film through what a model can draw: from draw to draw and back to the first, under fixed conditions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.core.progress import Progress
from simulacra.core.samples import Samples
from simulacra.keeping.trained import Trained
from simulacra.models.base import Batch, Decoding, Walking
from simulacra.models.diffusion import Diffusion

PART = 16
"""Frames that are made at once."""


def film(
    trained: Trained, stops: int, frames: int, rng: np.random.Generator, given: Mapping[str, Any] | None = None
) -> Samples:
    """Arcs about the middle of the latent space, or of the noise that is walked from, and back to the first draw.

    Args:
        trained: with a latent space, or drawing one sample of one noise.
        stops: draws that are passed.
        frames: from one to the next.
        rng: of the draws, and of conditions that are left out.
        given: one value of each condition.

    Returns:
        Samples in the order of the film, stops × frames of them.
    """
    model = trained.model
    if stops < 2 or frames < 2:
        raise BadInput("a film passes two draws or more", f"stops={stops}, frames={frames}", "take 4 stops, 12 frames")
    if isinstance(model, Diffusion) and model.sampler.stochastic:
        raise BadInput(
            "this sampler brings fresh noise on its way, so that frames would not hang together",
            type(model.sampler).__name__,
            "give the model a DPMSolver, DDIM or Heun",
        )
    if not isinstance(model, Decoding | Walking):
        raise BadInput(
            "this model has no space to walk through", type(model).__name__, "film an autoencoder, a GAN or a diffusion"
        )
    total = stops * frames
    one = trained.conditions(1, rng, given)
    conditions = {name: np.repeat(value, total) for name, value in one.items()}
    tensors = trained.tensors(conditions)
    made = []
    with torch.no_grad(), torch.random.fork_rng(devices=[]), Progress("drawing frames", total) as progress:
        torch.manual_seed(int(rng.integers(2**63 - 1)))
        make: Callable[[Tensor, Mapping[str, Tensor]], Batch]
        if isinstance(model, Decoding):
            ends, make = torch.randn(stops, model.latent, device=model.device), model.decode
        else:
            ends, make = model.begin(stops, {name: value[:stops] for name, value in tensors.items()}), model.end
        path = arcs(ends, frames)
        for start in range(0, total, PART):
            place = slice(start, start + PART)
            made.append(make(path[place], {name: value[place] for name, value in tensors.items()}).x.cpu())
            progress.step(len(made[-1]))
    return trained.view.inverse(Batch(torch.cat(made))).but(
        given=conditions, given_unit=trained.units, origin=trained.origin
    )


def arcs(stops: Tensor, frames: int) -> Tensor:
    r"""From each of independent normal draws to the next, and from the last to the first, (stops × frames, …).

    On an arc $a \cos t + b \sin t$ every place is as likely a draw as its ends are; on a straight line the middle lies
    nearer to zero than almost any draw.
    """
    t = torch.linspace(0, 0.5 * torch.pi, frames + 1, device=stops.device)[:-1].view(-1, *[1] * (stops.ndim - 1))
    return torch.cat([t.cos() * a + t.sin() * b for a, b in pairwise([*stops, stops[0]])])
