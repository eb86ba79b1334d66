"""Multilayer perceptron: dense layers with a nonlinearity between."""

from __future__ import annotations

from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn

from simulacra.networks.base import Network


class MLP(Network):
    """Dense layers, ReLU between them, none after the last.

    Args:
        widths: features in, of each hidden layer, and out.
    """

    def __init__(self, *widths: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for i, (a, b) in enumerate(pairwise(widths)):
            layers += [nn.ReLU()] if i else []
            layers.append(nn.Linear(a, b))
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Float[Tensor, "B D"]) -> Float[Tensor, "B E"]:
        """(B, first width) to (B, last width)."""
        out: Tensor = self.layers(x)
        return out


def example() -> tuple[MLP, tuple[Tensor, ...]]:
    """The smallest one."""
    return MLP(6, 16, 4), (torch.randn(5, 6),)
