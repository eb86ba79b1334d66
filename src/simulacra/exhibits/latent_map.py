"""Where a latent model places true samples: a map of two dimensions, and the path between two of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.exhibits.walks import walk
from simulacra.keeping.trained import Trained
from simulacra.models.base import Latent, Model


@dataclass(frozen=True)
class Map:
    """Places of samples.

    Args:
        at: (n, 2), in units of the prior's standard deviation.
        shares: of the variance of all places that lies along the two axes.
        latent: number of latent features.
    """

    at: Array
    shares: tuple[float, float]
    latent: int


def placed(trained: Trained, x: Samples) -> Map:
    """The mean of each sample's place, on the two axes along which the places vary most.

    Args:
        trained: a model with a latent space, such as a variational autoencoder.
        x: samples of its kind, two or more.
    """
    model = _latent(trained)
    if len(x) < 2:
        raise BadInput("a map wants two samples or more", str(len(x)), "judge more samples: --judged 200")
    with torch.no_grad():
        z = model.encode(trained.view.forward(x).to(trained.model.device)).cpu().double().numpy()
    middle = z - z.mean(axis=0)
    if z.shape[1] <= 2:
        at, spread = np.pad(z, ((0, 0), (0, 2 - z.shape[1]))), np.pad(middle.var(axis=0), (0, 2 - z.shape[1]))
        total = float(spread.sum())
    else:
        _, sizes, axes = np.linalg.svd(middle, full_matrices=False)
        at, spread, total = middle @ axes[:2].T, sizes[:2] ** 2, float((sizes**2).sum())
    first, second = (float(s) / total if total else 0.0 for s in spread)
    return Map(at, (first, second), z.shape[1])


def between(trained: Trained, x: Samples, first: int, last: int, frames: int) -> Samples:
    """Expected samples along the straight line from one sample's place to another's, ends included."""
    _latent(trained)
    if not (0 <= first < len(x) and 0 <= last < len(x) and first != last):
        raise BadInput(
            "a path leads from one sample to another", f"{first}, {last}", f"two numbers from 0 to {len(x) - 1}"
        )
    if not 2 <= frames <= 120:
        raise BadInput("a path has 2 to 120 frames", str(frames), "take --frames 12")
    return walk(trained.model, trained.view, x[np.array([first, last])], frames)


def _latent(trained: Trained) -> Latent:
    model: Model = trained.model
    if not isinstance(model, Latent) or model.conditions:
        raise BadInput(
            "this model cannot say where a sample lies", type(model).__name__, "take a variational autoencoder"
        )
    return model
