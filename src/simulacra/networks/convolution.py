"""Convolutional encoder and decoder: pictures to features and back, halving or doubling the side at each layer."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from simulacra.core.errors import BadInput
from simulacra.networks.base import Network

SMALLEST = 4  # pixels along a side at the narrow end


def halvings(size: int) -> int:
    """How often a side is halved on the way to four pixels."""
    count = (size // SMALLEST).bit_length() - 1
    if size != SMALLEST * 2**count or count < 1:
        raise BadInput(
            "this network halves pictures down to 4 pixels", f"size {size}", "choose a size of 8, 16, 32, 64, 128 …"
        )
    return count


class ConvolutionEncoder(Network):
    """Strided convolutions, then one dense layer.

    Args:
        size: pixels along a side; 4 times a power of two.
        channels: of the picture.
        width: channels after the first layer; doubled at each further one.
        features: out.
    """

    def __init__(self, size: int, channels: int, width: int, features: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = channels
        for i in range(halvings(size)):
            after = width * 2**i
            layers += [nn.Conv2d(before, after, 4, 2, 1), nn.GroupNorm(min(8, after), after), nn.SiLU()]
            before = after
        self.layers = nn.Sequential(*layers, nn.Flatten(), nn.Linear(before * SMALLEST**2, features))

    def forward(self, x: Float[Tensor, "B C S S"]) -> Float[Tensor, "B F"]:
        """Pictures to features."""
        out: Tensor = self.layers(x)
        return out


class ConvolutionDecoder(Network):
    """One dense layer, then transposed convolutions.

    Args:
        size: pixels along a side; 4 times a power of two.
        channels: of the picture.
        width: channels before the last layer; doubled at each earlier one.
        features: in.
    """

    def __init__(self, size: int, channels: int, width: int, features: int) -> None:
        super().__init__()
        count = halvings(size)
        first = width * 2 ** (count - 1)
        self.first = nn.Linear(features, first * SMALLEST**2)
        layers: list[nn.Module] = []
        before = first
        for i in reversed(range(count)):
            after = channels if i == 0 else width * 2 ** (i - 1)
            layers += [nn.GroupNorm(min(8, before), before), nn.SiLU(), nn.ConvTranspose2d(before, after, 4, 2, 1)]
            before = after
        self.layers = nn.Sequential(*layers)
        self.channels = first

    def forward(self, z: Float[Tensor, "B F"]) -> Float[Tensor, "B C S S"]:
        """Features to pictures."""
        out: Tensor = self.layers(self.first(z).view(-1, self.channels, SMALLEST, SMALLEST))
        return out


def example() -> tuple[ConvolutionDecoder, tuple[Tensor, ...]]:
    """The smallest one."""
    return ConvolutionDecoder(8, 1, 4, 3), (torch.randn(2, 3),)
