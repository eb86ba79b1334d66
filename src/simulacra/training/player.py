"""One player: a turn of the model with the optimizer that belongs to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from jaxtyping import Float
from lightning_fabric import Fabric
from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.models.base import Batch, Losses, Model, Turn
from simulacra.training.alarms import finite
from simulacra.training.budget import Budget
from simulacra.training.economy import pieces
from simulacra.training.strategy import Strategy, local, share
from simulacra.training.tally import Tally


class Player:
    """Moves the parameters of one turn, and of no other.

    Args:
        turn: whose it is.
        model: whose parameters stand still meanwhile, as far as they are not the turn's.
        budget: rate, betas, decay of the weights, clipping.
        fabric: device and precision.
        strategy: how the gradients of several processes are joined.
    """

    def __init__(self, turn: Turn, model: Model, budget: Budget, fabric: Fabric, strategy: Strategy) -> None:
        self.turn, self.name, self.clip, self.fabric = turn, turn.name, budget.clip, fabric
        self.strategy, self.accumulate = strategy, budget.accumulate
        self.mine = list(dict.fromkeys(p for p in turn.parameters if p.requires_grad))
        if not self.mine:
            raise BadInput(
                "a turn has nothing to learn", f"turn {turn.name!r}", "give it parameters that require gradients"
            )
        ours = set(self.mine)
        self.others = [p for p in model.parameters() if p.requires_grad and p not in ours]
        self.scales = budget.precision == "16-mixed"  # half precision scales the loss, and skips steps that overflow
        self.adam = torch.optim.AdamW(
            self.mine,
            lr=budget.rate_of(turn.name),
            betas=budget.betas,
            weight_decay=budget.weight_decay,
            fused=strategy.fused and not self.scales,  # Fabric cannot undo the scale for a fused one
            foreach=None if strategy.fused else False,
        )
        self.optimizer: Any = fabric.setup_optimizers(self.adam)

    def move(self, batch: Batch, rate: float, tally: Tally, step: int) -> None:
        """One repetition of the turn: gradients, and a step down."""
        parts, seen = self.pull(batch)
        if seen.device.type == "cpu":  # elsewhere a look at a number stops the device: there the log lines check
            *means, norm = seen.tolist()
            finite(self.name, dict(zip(parts, means, strict=True)), norm, step)
        tally.add(self.name, parts, seen)
        for group in self.adam.param_groups:
            group["lr"] = rate
        self.optimizer.step()

    def pull(self, batch: Batch) -> tuple[list[str], Float[Tensor, " seen"]]:
        """Put in place the gradients of a batch, over all processes and clipped.

        Returns:
            The names of the loss's parts; and their means with, last, the norm of the gradient before clipping.
        """
        for p in self.mine:
            p.grad = None
        names, means = [], torch.zeros(())
        with self.alone():
            for piece in pieces(batch, self.accumulate):
                part = self._down(piece, len(piece) / len(batch))
                names, means = list(part), means.to(self.fabric.device) + torch.stack(list(part.values()))
        for p in self.mine:
            if p.grad is None:  # as where another process used it
                p.grad = torch.zeros_like(p)
        gradients = [p.grad for p in self.mine if p.grad is not None]
        means = self.strategy.join(gradients, means)
        if self.scales:
            self.fabric.strategy.precision.unscale_gradients(self.adam)
        norm = self.strategy.norm(gradients)
        if self.scales:
            norm = torch.nan_to_num(norm, nan=0.0, posinf=0.0)  # the scaler will skip this step
        if self.clip is not None:
            torch._foreach_mul_([local(g) for g in gradients], (self.clip / (norm + 1e-6)).clamp(max=1.0))
        return names, torch.cat([means, norm.to(means).reshape(1)]).float()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Within, gradients flow through the other players but do not stay with them."""
        for p in self.others:
            p.requires_grad_(False)
        try:
            yield
        finally:
            for p in self.others:
                p.requires_grad_(True)

    def _down(self, piece: Batch, weight: float) -> dict[str, Tensor]:
        """Add the gradients of a piece of a batch; the mean of each part of its loss, times its weight."""
        with self.fabric.autocast():
            losses = self.turn.loss(piece)
        means = mean_parts(losses, self.name) * weight
        objective = means.sum()
        if not objective.requires_grad:
            raise BadInput(
                "a loss does not depend on the parameters of its turn",
                f"turn {self.name!r}",
                "look for a detach() in its loss",
            )
        self.fabric.backward(objective)
        return dict(zip(losses, means.detach(), strict=True))

    def tensors(self) -> dict[str, Tensor]:
        """The optimizer's state, by the place of the parameter and the state's name."""
        state = self.adam.state
        return {f"{i}.{name}": value for i, p in enumerate(self.mine) for name, value in state.get(p, {}).items()}

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Put a state back; KeyError or ValueError where it does not fit the parameters."""
        state: dict[int, dict[str, Any]] = {}
        for name, value in tensors.items():
            i, what = name.split(".", 1)
            if value.ndim and value.shape != self.mine[int(i)].shape:
                raise ValueError(
                    f"{what} of parameter {i}: {tuple(value.shape)} instead of {tuple(self.mine[int(i)].shape)}"
                )
            state.setdefault(int(i), {})[what] = share(self.mine[int(i)], value)
        groups = self.adam.state_dict()["param_groups"]
        self.adam.load_state_dict({"state": state, "param_groups": groups})


def mean_parts(losses: Losses, turn: str) -> Float[Tensor, " parts"]:
    """The mean of each part of a loss: over its samples where it is (B,), itself where it is a scalar."""
    if not losses:
        raise BadInput("a loss has no parts", f"turn {turn!r}", "return a dict of named parts, each (B,) or a scalar")
    for name, value in losses.items():
        if value.ndim > 1:
            raise BadInput(
                "a part of a loss is neither (B,) nor a scalar",
                f"{name!r} of turn {turn!r} has shape {tuple(value.shape)}",
                "sum or average it over all dimensions but the first",
            )
    return torch.stack(
        [value.mean() if value.dtype.itemsize > 2 else value.float().mean() for value in losses.values()]
    )
