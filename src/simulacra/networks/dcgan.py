"""Generator and critic of a deep convolutional GAN, with conditions beside the latent vector."""

from __future__ import annotations

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from simulacra.networks.base import Network
from simulacra.networks.convolution import SMALLEST, halvings

Border = Literal["zeros", "circular"]


class DCGANGenerator(Network):
    """A latent vector and conditions, through a dense layer and upsampling convolutions, to a picture of logits.

    Each doubling is a nearest-neighbor copy and a 3×3 convolution rather than the paper's transposed convolution: with
    a circular border it commutes with translations of a periodic lattice by the coarse spacing, and leaves no
    checkerboard.

    Args:
        size: pixels along a side; 4 times a power of two.
        channels: of the picture.
        width: channels before the last layer; doubled at each earlier one.
        latent: length of the latent vector.
        conditions: how many numbers each sample is conditioned on.
        border: what lies beyond the edge: "circular" for periodic physics.

    References:
        Unsupervised representation learning with deep convolutional generative adversarial networks
        (Radford, Metz & Chintala, 2016), arXiv:1511.06434
    """

    def __init__(
        self, size: int, channels: int, width: int, latent: int, conditions: int = 0, border: Border = "zeros"
    ) -> None:
        super().__init__()
        count = halvings(size)
        self.start = width * 2 ** (count - 1)
        self.dense = nn.Linear(latent + conditions, self.start * SMALLEST**2)
        self.norms, self.convolutions = nn.ModuleList([nn.BatchNorm2d(self.start)]), nn.ModuleList()
        before = self.start
        for i in reversed(range(count)):
            after = width * 2 ** max(i - 1, 0)
            self.convolutions.append(nn.Conv2d(before, after, 3, 1, 1, padding_mode=border, bias=False))
            self.norms.append(nn.BatchNorm2d(after))
            before = after
        self.last = nn.Conv2d(before, channels, 3, 1, 1, padding_mode=border)

    def forward(self, z: Float[Tensor, "B L"], given: Float[Tensor, "B G"]) -> Float[Tensor, "B C S S"]:
        """Latent vectors and conditions to pictures."""
        x = self.dense(torch.cat([z, given], 1)).view(-1, self.start, SMALLEST, SMALLEST)
        # channels last in memory: a fifth less time for the wide layers, forth and back, on a processor
        x = functional.relu(self.norms[0](x.contiguous(memory_format=torch.channels_last)))
        for convolution, norm in zip(self.convolutions, self.norms[1:], strict=True):
            x = functional.relu(norm(convolution(functional.interpolate(x, scale_factor=2.0))))
        out: Tensor = self.last(x)
        return out


class DCGANCritic(Network):
    """A picture and conditions, through strided convolutions, to one number.

    Args:
        size: pixels along a side; 4 times a power of two.
        channels: of the picture.
        width: channels after the first layer; doubled at each further one.
        conditions: how many numbers each sample is conditioned on; they enter as constant channels.
        border: what lies beyond the edge: "circular" for periodic physics.
        offset: whether a constant is added in the end; where only differences are learned from, it is idle.
    """

    def __init__(
        self,
        size: int,
        channels: int,
        width: int,
        conditions: int = 0,
        border: Border = "zeros",
        offset: bool = True,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = channels + conditions
        for i in range(halvings(size)):
            after = width * 2**i
            layers.append(nn.Conv2d(before, after, 4, 2, 1, padding_mode=border))
            layers += [nn.GroupNorm(1, after)] if i else []
            layers.append(nn.LeakyReLU(0.2))
            before = after
        self.layers = nn.Sequential(*layers, nn.Flatten(), nn.Linear(before * SMALLEST**2, 1, bias=offset))

    def forward(self, x: Float[Tensor, "B C S S"], given: Float[Tensor, "B G"]) -> Float[Tensor, " B"]:
        """One number a picture: large for real ones."""
        planes = given[:, :, None, None].expand(-1, -1, *x.shape[2:])
        out: Tensor = self.layers(torch.cat([x, planes], 1)).squeeze(1)
        return out


def example() -> tuple[DCGANGenerator, tuple[Tensor, ...]]:
    """The smallest one."""
    return DCGANGenerator(8, 1, 4, latent=3, conditions=1), (torch.randn(2, 3), torch.randn(2, 1))
