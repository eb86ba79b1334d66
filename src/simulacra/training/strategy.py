"""How a model lies on the processes that train it: whole on each (ddp), or a share of every tensor on each (fsdp)."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor

from simulacra.core.errors import BadInput
from simulacra.models.base import Model
from simulacra.training.budget import Budget
from simulacra.training.economy import blocks
from simulacra.training.team import Team


@runtime_checkable
class Strategy(Protocol):
    """Where the numbers of a model are, and how its gradients are joined."""

    fused: bool
    """Whether the optimizer may take all parameters at once."""

    def spread(self, model: Model) -> Model:
        """The model that this process trains."""
        ...

    def begin(self, model: Model) -> None:
        """Before a step: what the rows of other processes may have changed is made equal."""
        ...

    def join(self, gradients: Sequence[Tensor], means: Float[Tensor, " parts"]) -> Float[Tensor, " parts"]:
        """Put the mean over all processes in place of gradients; that of the loss's parts."""
        ...

    def norm(self, gradients: Sequence[Tensor]) -> Float[Tensor, ""]:
        """Of all gradients together."""
        ...

    def asked(self, wanted: bool) -> bool:
        """Whether the whole model is to be brought together now; all processes ask this at the same time."""
        ...

    def load(self, model: nn.Module, whole: Mapping[str, Tensor]) -> None:
        """Put whole tensors into the model that this process trains."""
        ...


class Replicated:
    """All of the model on every process, of which there may be one.

    Args:
        team: the processes; None where this is the only one.
    """

    fused = True

    def __init__(self, team: Team | None) -> None:
        self.team = team

    def spread(self, model: Model) -> Model:
        """The model itself."""
        return model

    def begin(self, model: Model) -> None:
        """Buffers are the first process's, as DDP has it: they may have seen other rows."""
        if self.team is not None:
            self.team.follow(model.buffers())

    def join(self, gradients: Sequence[Tensor], means: Float[Tensor, " parts"]) -> Float[Tensor, " parts"]:
        """All in one message, with the loss's parts at its end.

        DDP averages gradients in hooks that its wrapper's forward sets up. A turn's loss is a bound method of the bare
        model, which never passes there: wrapped, each process would silently keep its own gradients.
        """
        if self.team is None:
            return means
        flat = torch.cat([*(g.reshape(-1) for g in gradients), means])
        self.team.average(flat)
        pieces = torch.split(flat, [g.numel() for g in gradients] + [len(means)])
        for g, piece in zip(gradients, pieces[:-1], strict=True):
            g.copy_(piece.view_as(g))
        return pieces[-1]

    def norm(self, gradients: Sequence[Tensor]) -> Float[Tensor, ""]:
        """Every process knows all of them."""
        total: Tensor = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(list(gradients))))
        return total

    def asked(self, wanted: bool) -> bool:
        """Never: it is together."""
        return False

    def load(self, model: nn.Module, whole: Mapping[str, Tensor]) -> None:
        """As they are."""
        model.load_state_dict(whole)


class Sharded:
    """A share of every tensor of the networks, of its gradient and of the optimizer's state on each process.

    A network is brought together for as long as it computes, block by block. What a model holds beside its networks
    (a number or two) is whole on every process. Models whose losses have gradients inside, as a critic's penalty, are
    refused by torch.

    Args:
        team: the processes.

    References:
        PyTorch FSDP: experiences on scaling fully sharded data parallel (Zhao et al., 2023), arXiv:2304.11277
    """

    fused = False

    def __init__(self, team: Team) -> None:
        self.team = team

    def spread(self, model: Model) -> Model:
        """A copy, whose networks are cut up; the model itself stays whole, to be looked at."""
        if len(model.turns()) > 1:
            raise BadInput(
                "a model of several turns cannot be cut up among the processes",
                f"{type(model).__name__}, strategy='fsdp'",
                "set strategy='ddp'",
            )
        trained = copy.deepcopy(model)
        mesh = init_device_mesh(next(trained.parameters()).device.type, (self.team.size,))
        for block in [*blocks(trained), *trained.children()]:
            if any(not isinstance(p, DTensor) for p in block.parameters()):
                fully_shard(block, mesh=mesh)
        return trained

    def begin(self, model: Model) -> None:
        """Buffers are the first process's."""
        self.team.follow(model.buffers())

    def join(self, gradients: Sequence[Tensor], means: Float[Tensor, " parts"]) -> Float[Tensor, " parts"]:
        """Those of the networks are joined already, as they were made."""
        return Replicated(self.team).join([g for g in gradients if not isinstance(g, DTensor)], means)

    def norm(self, gradients: Sequence[Tensor]) -> Float[Tensor, ""]:
        """Squares are summed over the shares."""
        own = torch.stack([local(g).square().sum() for g in gradients if isinstance(g, DTensor)]).sum().reshape(1)
        self.team.average(own)
        rest = sum((g.square().sum() for g in gradients if not isinstance(g, DTensor)), start=own[0] * self.team.size)
        return torch.as_tensor(rest).sqrt()

    def asked(self, wanted: bool) -> bool:
        """The first process says."""
        flag = torch.tensor([float(wanted)])
        self.team.follow([flag])
        return bool(flag.item())

    def load(self, model: nn.Module, whole: Mapping[str, Tensor]) -> None:
        """Each takes its share."""
        model.load_state_dict({name: share(value, whole[name]) for name, value in model.state_dict().items()})


def strategy_of(budget: Budget, team: Team | None) -> Strategy:
    """As the budget has it."""
    return Sharded(team) if team is not None and budget.strategy == "fsdp" else Replicated(team)


def local(value: Tensor) -> Tensor:
    """What this process holds of a tensor."""
    return value.to_local() if isinstance(value, DTensor) else value


def laid_out(like: Tensor, held: Tensor) -> Tensor:
    """What this process holds of a tensor, as its share of one that is laid out as another."""
    if not isinstance(like, DTensor):
        return held
    return DTensor.from_local(
        held, like.device_mesh, like.placements, run_check=False, shape=like.shape, stride=like.stride()
    )


def whole(value: Tensor) -> Tensor:
    """A tensor from all its shares; all processes ask for it together."""
    return value.full_tensor() if isinstance(value, DTensor) else value


def share(like: Tensor, value: Tensor) -> Tensor:
    """What becomes of a whole tensor where it is laid out as another."""
    if not isinstance(like, DTensor) or not value.ndim:
        return value
    return distribute_tensor(value.to(like.device), like.device_mesh, like.placements, src_data_rank=None)
