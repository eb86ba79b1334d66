"""Networks that say a class: learned by a short loop of their own, several averaged."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from simulacra.models.base import Batch, Turn

ASIDE = True
SPAN = 6
"""The running average of weights that is used in the end reaches back over about a sixth of the steps."""


def trained(turns: list[Turn], watched: nn.Module, x: Tensor, y: Tensor, steps: int, batch: int, rate: float) -> None:
    """Each turn moves in every step, on fresh rows; what is watched ends at the running average of its weights."""
    adams = [torch.optim.AdamW(turn.parameters, rate, betas=(0.5, 0.99), weight_decay=1e-2) for turn in turns]
    average = {name: value.detach().clone() for name, value in watched.state_dict().items()}
    for step in range(steps):
        for turn, adam in zip(turns, adams, strict=True):
            for group in adam.param_groups:
                group["lr"] = rate * (0.05 + 0.95 * 0.5 * (1 + np.cos(np.pi * step / steps)))
            at = torch.randint(0, len(x), (min(batch, len(x)),))
            parts = turn.loss(Batch(x[at], {"class": y[at]}))
            adam.zero_grad()
            torch.autograd.backward(torch.stack([part.mean() for part in parts.values()]).sum())
            adam.step()
        with torch.no_grad():
            for name, value in watched.state_dict().items():
                average[name].lerp_(value, min(0.5, SPAN / steps)) if value.is_floating_point() else average[
                    name
                ].copy_(value)
    watched.load_state_dict(average)


def seeded(seed: int, members: int, made: Callable[[], Callable[[Tensor], Tensor]]) -> list[Callable[[Tensor], Tensor]]:
    """Several of them, each from its own seed, torch's own chance left as it was."""
    found = []
    with torch.random.fork_rng(devices=[]):
        for member in range(members):
            torch.manual_seed(seed * 1000 + member)
            found.append(made())
    return found
