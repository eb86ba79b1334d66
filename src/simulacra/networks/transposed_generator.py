"""The generator of a deep convolutional GAN as published: transposed convolutions, which cost little."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from simulacra.networks.base import Network
from simulacra.networks.convolution import SMALLEST, halvings


class TransposedGenerator(Network):
    """A latent vector and conditions, through a dense layer and transposed convolutions, to a picture of logits.

    Each layer but the last is followed by batch normalization and a rectifier, as in the paper. It takes a quarter of
    the arithmetic of `DCGANGenerator`, whose convolutions work on pictures that are doubled before.

    Args:
        size: pixels along a side; 4 times a power of two.
        channels: of the picture.
        width: channels before the last layer; doubled at each earlier one.
        latent: length of the latent vector.
        conditions: how many numbers each sample is conditioned on.

    References:
        Unsupervised representation learning with deep convolutional generative adversarial networks
        (Radford, Metz & Chintala, 2016), arXiv:1511.06434
    """

    def __init__(self, size: int, channels: int, width: int, latent: int, conditions: int = 0) -> None:
        super().__init__()
        count = halvings(size)
        self.start = width * 2 ** (count - 1)
        self.dense = nn.Linear(latent + conditions, self.start * SMALLEST**2)
        layers: list[nn.Module] = []
        before = self.start
        for i in reversed(range(count)):
            after = channels if i == 0 else width * 2 ** (i - 1)
            layers += [nn.BatchNorm2d(before), nn.ReLU(), nn.ConvTranspose2d(before, after, 4, 2, 1, bias=i == 0)]
            before = after
        self.layers = nn.Sequential(*layers)

    def forward(self, z: Float[Tensor, "B L"], given: Float[Tensor, "B G"]) -> Float[Tensor, "B C S S"]:
        """Latent vectors and conditions to pictures."""
        out: Tensor = self.layers(self.dense(torch.cat([z, given], 1)).view(-1, self.start, SMALLEST, SMALLEST))
        return out


def example() -> tuple[TransposedGenerator, tuple[Tensor, ...]]:
    """The smallest one."""
    return TransposedGenerator(8, 1, 4, latent=3, conditions=1), (torch.randn(2, 3), torch.randn(2, 1))
