"""From noise to a shower: three-dimensional convolutions for its course, and a number of chance for each cell."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from simulacra.networks.base import Network

HALVINGS = 3


def sides(shape: tuple[int, int, int]) -> list[tuple[int, int, int]]:
    """The grids on the way, from the coarsest, each with half as many places along every side.

    >>> sides((25, 25, 25))
    [(4, 4, 4), (7, 7, 7), (13, 13, 13), (25, 25, 25)]
    """
    found = [shape]
    for _ in range(HALVINGS):
        a, b, c = found[-1]
        found.append(((a + 1) // 2, (b + 1) // 2, (c + 1) // 2))
    return found[::-1]


class ShowerGenerator(Network):
    """A latent vector and conditions, through a dense layer and convolutions on finer and finer grids, to cells.

    At the finest grid each cell meets its own number of chance, and the place and width of the law that it has on
    average; what comes out is how far the cell is moved from that place, by 2 at most, and by how much its own chance
    is made smaller or larger, twofold at most. So the silence and the light of single cells need not be made from a
    few numbers that all share.

    Args:
        shape: layers, rows and columns.
        width: half of the channels on the two finest grids; four times as many on the coarser ones.
        latent: numbers of chance that all cells share.
        conditioning: how many numbers each shower is conditioned on.

    References:
        Three dimensional energy parametrized generative adversarial networks for electromagnetic shower simulation
        (Carminati, Khattak & Vallecorsa, 2018), doi:10.1109/ICIP.2018.8451587;
        A style-based generator architecture for generative adversarial networks (Karras, Laine & Aila, 2019),
        arXiv:1812.04948 (a number of chance for each place)
    """

    def __init__(self, shape: tuple[int, int, int], width: int, latent: int, conditioning: int) -> None:
        super().__init__()
        self.shape, self.latent = tuple(shape), latent
        self.grids = sides(shape)
        self.start = 4 * width
        self.dense = nn.Linear(latent + conditioning, self.start * math.prod(self.grids[0]))
        self.convolutions = nn.ModuleList(
            [nn.Conv3d(self.start, 4 * width, 3, padding=1), nn.Conv3d(4 * width, 2 * width, 3, padding=1)]
        )
        self.coarse = nn.Conv3d(2 * width, 2 * width, 1)
        self.beside = nn.Conv3d(2, 2 * width, 1, bias=False)
        self.last = nn.Conv3d(2 * width, 2, 1)
        nn.init.normal_(self.last.weight, 0.0, 0.05)
        nn.init.zeros_(self.last.bias)  # type: ignore[arg-type]

    @property
    def numbers(self) -> int:
        """How long its vector of chance is: the shared numbers, and one a cell."""
        return self.latent + math.prod(self.shape)

    def forward(
        self, z: Float[Tensor, "B Z"], conditioning: Float[Tensor, "B G"], law: Float[Tensor, "B 2 N H W"]
    ) -> Float[Tensor, "B 1 N H W"]:
        """Chance, conditions, and each cell's place and width, to cells that are not yet cut at zero."""
        place, width = law.chunk(2, 1)
        shared, own = z[:, : self.latent], z[:, self.latent :].view(-1, 1, *self.shape)
        x = self.dense(torch.cat([shared, conditioning], 1)).view(-1, self.start, *self.grids[0])
        x = functional.leaky_relu(x, 0.2).contiguous(memory_format=torch.channels_last_3d)
        for grid, convolution in zip(self.grids[1:3], self.convolutions, strict=True):
            x = functional.leaky_relu(convolution(functional.interpolate(x, grid)), 0.2)
        # mixed on the coarser grid, and then made finer: the same numbers as the other way around, at an eighth of it
        x = functional.interpolate(self.coarse(x), self.shape, mode="trilinear", align_corners=False)
        h = functional.leaky_relu(x + self.beside(torch.cat([place / 4, own], 1)), 0.2)
        shift, wide = self.last(h).chunk(2, 1)
        out: Tensor = place + 2 * torch.tanh(shift / 2) + 2 * torch.sigmoid(wide) * width * own
        return out


def example() -> tuple[ShowerGenerator, tuple[Tensor, ...]]:
    """The smallest one."""
    network = ShowerGenerator((4, 5, 5), 2, latent=3, conditioning=1)
    return network, (torch.randn(4, network.numbers), torch.randn(4, 1), torch.rand(4, 2, 4, 5, 5))
