"""The way from noise to samples of a trained model, moment by moment, under conditions that are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array
from simulacra.keeping.trained import Trained
from simulacra.models.base import Batch, Chained, Model
from simulacra.views.base import Rounding, View


def degrees(
    trained: Trained, n: int, frames: int, rng: np.random.Generator, given: Mapping[str, Any] | None = None
) -> tuple[Array, str]:
    """Frames from noise to n draws, (frames, n, …), and the kind of sample at their end.

    Args:
        trained: a model that makes its samples by degrees.
        n: how many draws.
        frames: at most so many, both ends among them.
        rng: of the draws, and of conditions that are left out.
        given: one value of each condition, or n.

    Raises:
        BadInput: the model draws in one step.
    """
    model = trained.model
    if not isinstance(model, Chained):
        raise BadInput(
            "this model draws in one step: there is no way from noise to see",
            type(model).__name__,
            "take a diffusion model, such as the shipped galaxies or ising",
        )
    conditions = trained.conditions(n, rng, given)
    tensors = trained.tensors(conditions) if model.conditions else None
    chain = drawn(model, n, frames, tensors, int(rng.integers(2**63 - 1)))
    return seen(trained.view, chain), trained.view.inverse(Batch(chain[-1])).kind


def drawn(model: Chained, n: int, frames: int, given: Mapping[str, Tensor] | None, seed: int) -> Tensor:
    """Frames from noise to n draws, in the model's own terms, (frames, n, …)."""
    network = model if isinstance(model, Model) else None
    training = network is not None and network.training
    if network is not None:
        network.eval()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        chain = model.chain(n, frames, given)
    if network is not None:
        network.train(training)
    return chain.cpu()


def seen(view: View, chain: Tensor) -> Array:
    """The frames as the view would give them if it cut and rounded nothing: else noise would look like something."""
    flat = Batch(chain.flatten(0, 1))
    x = view.unrounded(flat) if isinstance(view, Rounding) else view.inverse(flat).array
    return np.asarray(x.reshape(*chain.shape[:2], *x.shape[1:]))
