"""The critic of an auxiliary-classifier GAN: a convolutional one that says several numbers of a picture."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from simulacra.networks.base import Network
from simulacra.networks.convolution import SMALLEST, halvings


class ClassifyingCritic(Network):
    """A picture, through strided convolutions, to several numbers: one that distinguishes real from made, and one a
    class.

    Its layers are those of `DCGANCritic`.

    Args:
        size: pixels along a side; 4 times a power of two.
        channels: of the picture.
        width: channels after the first layer; doubled at each further one.
        numbers: out; for K classes 1 + K.
    """

    def __init__(self, size: int, channels: int, width: int, numbers: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = channels
        for i in range(halvings(size)):
            after = width * 2**i
            layers.append(nn.Conv2d(before, after, 4, 2, 1))
            layers += [nn.GroupNorm(1, after)] if i else []
            layers.append(nn.LeakyReLU(0.2))
            before = after
        self.layers = nn.Sequential(*layers, nn.Flatten(), nn.Linear(before * SMALLEST**2, numbers))

    def forward(self, x: Float[Tensor, "B C S S"]) -> Float[Tensor, "B N"]:
        """The numbers of each picture."""
        out: Tensor = self.layers(x)
        return out


def example() -> tuple[ClassifyingCritic, tuple[Tensor, ...]]:
    """The smallest one."""
    return ClassifyingCritic(8, 1, 4, numbers=3), (torch.randn(2, 1, 8, 8),)
