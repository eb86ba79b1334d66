"""Filtered: a network beside a Wiener filter, so that it need only learn what is not Gaussian."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from simulacra.core.errors import BadInput
from simulacra.networks.base import Network
from simulacra.networks.folded import Folded
from simulacra.networks.unet import UNet


class Filtered(Network):
    r"""$F(x, e) = N(x, e) + B^\top (g(e) \odot B x)$, B being the cosine transform over channels, rows and columns.

    The best denoiser of a Gaussian field is linear: at each scale it keeps so much as stands above the noise. A network
    of convolutions is slow to find this. Here each wave has a gain g of its own, linear in what the network is
    conditioned on (so that learning it is a linear regression), and the network N beside it learns what is left. Over
    three channels the transform is brightness and two colors. Nothing in it is periodic. Channels of x beyond those of
    the shape are for the network alone.

    Args:
        network: of x and what it is conditioned on.
        shape: of a sample: channels, height, width.
        conditioning: how many numbers the network is conditioned on.

    References:
        Extrapolation, interpolation, and smoothing of stationary time series (Wiener, 1949), ISBN 9780262730051
    """

    def __init__(self, network: nn.Module, shape: tuple[int, ...], conditioning: int) -> None:
        super().__init__()
        if len(shape) != 3:
            raise BadInput("a filter is of pictures with channels", f"shape {shape}", "give (channels, height, width)")
        self.network, self.shape = network, tuple(shape)
        self.gain = nn.Linear(conditioning, math.prod(shape))
        nn.init.zeros_(self.gain.weight)
        nn.init.zeros_(self.gain.bias)
        for name, side in zip(("over_channels", "over_rows", "over_columns"), shape, strict=True):
            self.register_buffer(name, cosines(side), persistent=False)

    def forward(self, x: Float[Tensor, "B C H W"], conditioning: Float[Tensor, "B E"]) -> Float[Tensor, "B C H W"]:
        """Pictures to pictures."""
        channels, rows, columns = (
            self.get_buffer(name).to(x) for name in ("over_channels", "over_rows", "over_columns")
        )
        own = x[:, : self.shape[0]]
        waves = torch.einsum("bchw,kc->bkhw", rows @ own @ columns.T, channels)
        kept = self.gain(conditioning).view(-1, *self.shape) * waves
        said = self.network(x, conditioning)[:, : self.shape[0]]
        out: Tensor = said + rows.T @ torch.einsum("bkhw,kc->bchw", kept, channels) @ columns
        return out


def cosines(side: int) -> Float[Tensor, "side side"]:
    """The orthonormal cosine transform (type II) as a matrix, a row a wave."""
    place, wave = torch.arange(side, dtype=torch.float64), torch.arange(side, dtype=torch.float64)[:, None]
    matrix = torch.cos(torch.pi * (place + 0.5) * wave / side) * math.sqrt(2 / side)
    matrix[0] /= math.sqrt(2)
    return matrix.float()


def example() -> tuple[Filtered, tuple[Tensor, ...]]:
    """The smallest one, after a step of training: at first all gains are nothing."""
    network = Filtered(Folded(UNet(2, 4, 8, conditioning=4, growth=(1, 2)), 2), (1, 8, 8), 4)
    nn.init.normal_(network.gain.weight, std=0.1)
    return network, (torch.randn(2, 1, 8, 8), torch.randn(2, 4))
