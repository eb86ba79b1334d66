"""What imputers by networks share: rows as tensors with masks, and a training in a folder that is then forgotten."""

from __future__ import annotations

import tempfile

import numpy as np
import torch

from simulacra.core.chance import stream
from simulacra.core.samples import Samples
from simulacra.imputers.coded import Coded
from simulacra.models.base import Batch, Model
from simulacra.runs import Run
from simulacra.training.budget import Budget
from simulacra.training.loop import train

ASIDE = True
HELD = 0.1
"""Share of the rows that the training is followed and its best state chosen by."""


def rows_of(x: Samples, coded: Coded) -> Batch:
    """Scaled rows with 0 in gaps, and the mask of what is known."""
    z = torch.from_numpy(coded.forward(x)).float()
    return Batch(torch.nan_to_num(z), mask=~z.isnan())


def parts_of(rows: Batch, seed: int) -> tuple[Batch, Batch]:
    """Rows to learn from and rows to choose by; all of them twice where they are few."""
    n = len(rows)
    if n < 20:
        return rows, rows
    order = stream(seed, "imputer").permutation(n)
    held = max(2, int(HELD * n))
    return tuple(rows[torch.from_numpy(np.sort(part))] for part in (order[held:], order[:held]))  # type: ignore[return-value]


def trained(model: Model, parts: tuple[Batch, Batch], budget: Budget, seed: int, name: str) -> None:
    """Train in place; the state that does best on the held-out rows is kept."""
    with tempfile.TemporaryDirectory() as folder:
        train(model, *parts, budget, seed, Run.create(folder, name, {}, seed))
    model.eval()
