"""Hyper-parameters: positive numbers kept by their logarithms, learned or fixed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from simulacra.core.errors import BadInput


@dataclass(frozen=True)
class Fixed:
    """A hyper-parameter that is known and not learned: `Periodic(period=Fixed(1.0), length=0.7)`.

    Args:
        value: what it is, in the unit of the hyper-parameter.
    """

    value: float


def register(owner: nn.Module, name: str, value: float | Fixed) -> Tensor:
    """The logarithm of a positive hyper-parameter of a module: a parameter, or, once registered, a buffer if fixed."""
    number = value.value if isinstance(value, Fixed) else value
    if not (math.isfinite(number) and number > 0):
        raise BadInput(f"the {name} of {type(owner).__name__} is a positive number", str(number), f"give {name}=1.0")
    log = torch.tensor(math.log(number), dtype=torch.float64)
    if isinstance(value, Fixed):
        owner.register_buffer(f"log_{name}", log)
        return log
    return nn.Parameter(log)
