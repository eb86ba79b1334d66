"""A shower, through three-dimensional convolutions and the sums of its layers, to whether it is real; its energy."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from simulacra.networks.base import Network
from simulacra.networks.shower_generator import sides


class ShowerCritic(Network):
    """Logarithms of cells and conditions to two numbers: large for a real shower; and the logarithm of its energy.

    Three strided convolutions look at the cells; beside them the last layers are given the logarithm of each layer's
    energy, of what of it lies farther out, how many of its cells are lit, and how much lies in its middle cell.

    Args:
        shape: layers, rows and columns.
        width: channels after the first convolution; doubled at each further one.
        conditioning: how many numbers each shower is conditioned on; the energy's estimate does not see them.

    References:
        Three dimensional energy parametrized generative adversarial networks for electromagnetic shower simulation
        (Carminati, Khattak & Vallecorsa, 2018), doi:10.1109/ICIP.2018.8451587
    """

    regions: Tensor

    def __init__(self, shape: tuple[int, int, int], width: int, conditioning: int) -> None:
        super().__init__()
        self.shape = tuple(shape)
        row, column = (torch.arange(side) - (side - 1) / 2 for side in shape[1:])
        away = torch.maximum(row.abs()[:, None], column.abs()[None, :])
        regions = torch.stack([torch.ones_like(away), away > 1.5, away > 3.5])
        self.register_buffer("regions", regions.to(torch.float32), persistent=False)
        coarse = sides(shape)[0]
        self.convolutions = nn.Sequential(
            nn.Conv3d(2, width, 5, 2, 2), nn.LeakyReLU(0.2),
            nn.Conv3d(width, 2 * width, 3, 2, 1), nn.LeakyReLU(0.2),
            nn.Conv3d(2 * width, 4 * width, 3, 2, 1), nn.LeakyReLU(0.2),
        )  # fmt: skip
        seen = 4 * width * math.prod(coarse)
        self.seen = nn.Sequential(nn.Flatten(), nn.Linear(seen, 8 * width), nn.LeakyReLU(0.2))
        self.sums = nn.Sequential(nn.Linear(5 * shape[0], 8 * width), nn.LeakyReLU(0.2))
        self.energy = nn.Linear(16 * width, 1)
        self.real = nn.Sequential(
            nn.Linear(16 * width + conditioning, 8 * width), nn.LeakyReLU(0.2), nn.Linear(8 * width, 1)
        )

    def forward(self, x: Float[Tensor, "B 1 N H W"], conditioning: Float[Tensor, "B G"]) -> Float[Tensor, "B 2"]:
        """Logit and logarithm of the energy."""
        # silent cells and barely lit ones look alike as logarithms; a second channel distinguishes them
        lit = torch.tanh(4 * x)
        two = torch.cat([x / 4, lit], 1).contiguous(memory_format=torch.channels_last_3d)
        h = torch.cat([self.seen(self.convolutions(two)), self.sums(self.summed(x, lit))], 1)
        return torch.cat([self.real(torch.cat([h, conditioning], 1)), self.energy(h)], 1)

    def summed(self, x: Tensor, lit: Tensor) -> Float[Tensor, "B K"]:
        """Logarithms of each layer's energy, of that beyond the middle 3² and 7² cells, its lit cells, its middle."""
        energy = torch.expm1(x.clamp(max=20.0))[:, 0]
        sums = torch.einsum("bnhw,khw->bkn", energy, self.regions).flatten(1)
        middle = x[:, 0, :, self.shape[1] // 2, self.shape[2] // 2]
        return torch.cat([sums.log1p() / 4, lit.sum((1, 3, 4)).log1p() / 2, middle / 4], 1)


def example() -> tuple[ShowerCritic, tuple[Tensor, ...]]:
    """The smallest one."""
    return ShowerCritic((4, 5, 5), 2, conditioning=1), (torch.rand(4, 1, 4, 5, 5), torch.randn(4, 1))
