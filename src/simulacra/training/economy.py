"""What spares memory or time in training, and changes no number but by rounding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.utils.checkpoint import checkpoint

from simulacra.core.errors import BadInput
from simulacra.models.base import Batch, Model, Noise
from simulacra.training.budget import Budget

BACKEND = "inductor"
"""Of torch.compile; it needs a C++ compiler."""


def pieces(batch: Batch, number: int) -> list[Batch]:
    """A batch in so many pieces of about one size, each with its own rows of the noise."""
    if number == 1:
        return [batch]
    found = []
    for at in torch.tensor_split(torch.arange(len(batch)), number):
        if len(at):
            first, last = int(at[0]), int(at[-1]) + 1
            own = batch.noise
            noise = None if own is None else Noise(own.key, own.start + first, own.total)
            some = batch[first:last]
            found.append(Batch(some.x, some.given, some.mask, noise))
    return found


def blocks(module: nn.Module) -> Iterator[nn.Module]:
    """The blocks of the networks within: the members of their lists of modules, the outermost."""
    for child in module.children():
        if isinstance(child, nn.ModuleList):
            for member in child:
                if isinstance(member, nn.ModuleList):
                    yield from blocks(nn.ModuleList([member]))
                elif any(True for _ in member.parameters()):
                    yield member
        else:
            yield from blocks(child)


@contextmanager
def sparing(model: Model, budget: Budget) -> Iterator[None]:
    """Within, the model forgets its blocks' numbers and makes them again, or is compiled, as the budget says."""
    changed: list[tuple[nn.Module, str]] = []
    if budget.recompute:
        found = [block for block in blocks(model) if not any(isinstance(m, _BatchNorm) for m in block.modules())]
        if not found:  # batch normalization would count a batch twice
            raise BadInput(
                "this model has no blocks whose numbers can be made again",
                f"{type(model).__name__}: no list of modules without batch normalization",
                "set recompute=False",
            )
        for block in found:
            block.forward = again(block.forward)
            changed.append((block, "forward"))
    if budget.compile:
        for network in model.children():
            network.compile(backend=BACKEND)
            changed.append((network, "_compiled_call_impl"))
    try:
        yield
    finally:
        for module, name in changed:
            if name == "forward":
                del module.forward
            else:
                module._compiled_call_impl = None


def again(forward: Callable[..., Any]) -> Callable[..., Any]:
    """A forward whose numbers are made again for the gradient.

    References:
        Training deep nets with sublinear memory cost (Chen et al., 2016), arXiv:1604.06174
    """
    return partial(checkpoint, forward, use_reentrant=False)
