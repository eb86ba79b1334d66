"""Generator and critic of dense layers, with conditions beside the latent vector."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from simulacra.networks.base import Network
from simulacra.networks.mlp import MLP


class DenseGANGenerator(Network):
    """A latent vector and conditions, through dense layers, to a vector.

    Args:
        latent: length of the latent vector.
        width: features of the hidden layers.
        features: of the vector that comes out.
        conditions: how many numbers each sample is conditioned on.
        layers: hidden layers.
    """

    def __init__(self, latent: int, width: int, features: int, conditions: int = 0, layers: int = 2) -> None:
        super().__init__()
        self.layers = MLP(latent + conditions, *[width] * layers, features)

    def forward(self, z: Float[Tensor, "B L"], given: Float[Tensor, "B G"]) -> Float[Tensor, "B D"]:
        """Latent vectors and conditions to vectors."""
        out: Tensor = self.layers(torch.cat([z, given], 1))
        return out


class DenseGANCritic(Network):
    """A vector and conditions, through dense layers, to one number.

    Args:
        features: of the vector.
        width: features of the hidden layers.
        conditions: how many numbers each sample is conditioned on.
        layers: hidden layers.
        offset: whether a constant is added in the end; where only differences are learned from, it is idle.
    """

    def __init__(self, features: int, width: int, conditions: int = 0, layers: int = 2, offset: bool = True) -> None:
        super().__init__()
        dense: list[nn.Module] = []
        before = features + conditions
        for _ in range(layers):
            dense += [nn.Linear(before, width), nn.LeakyReLU(0.2)]
            before = width
        self.layers = nn.Sequential(*dense, nn.Linear(before, 1, bias=offset))

    def forward(self, x: Float[Tensor, "B D"], given: Float[Tensor, "B G"]) -> Float[Tensor, " B"]:
        """One number a vector: large for real ones."""
        out: Tensor = self.layers(torch.cat([x, given], 1))[:, 0]
        return out


def example() -> tuple[DenseGANGenerator, tuple[Tensor, ...]]:
    """The smallest one."""
    return DenseGANGenerator(3, 16, 2, conditions=1), (torch.randn(5, 3), torch.randn(5, 1))
