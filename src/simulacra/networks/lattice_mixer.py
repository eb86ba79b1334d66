"""Mixer on a periodic lattice: every layer sees the whole lattice at once, by one wide filter for each channel."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.networks.base import Network


class LatticeMixer(Network):
    r"""$h \leftarrow h + W_2\,\mathrm{silu}((1 + a)\,W_1 (k * h) + b)$, with filters k as large as the lattice.

    The lattice is cut into cells of `cell` × `cell` sites, whose sites become channels. a and b come from what the
    network is conditioned on. It commutes with translations of the periodic lattice by a cell. Beside each site it
    sees whether the site is 0 (masked) or not. Letters: B samples, C channels, L sites a side, E numbers of
    conditioning.

    Args:
        side: L, of the square lattice.
        channels: of the sample: 1 for spins.
        width: features of a cell.
        conditioning: how many numbers the network is conditioned on.
        blocks: layers of the kind above.
        cell: sites along a side of a cell.
        growth: of the features within a layer, over the width.

    References:
        MLP-Mixer: an all-MLP architecture for vision (Tolstikhin et al., 2021), arXiv:2105.01601
        Global filter networks for image classification (Rao et al., 2021), arXiv:2107.00645
        FiLM: visual reasoning with a general conditioning layer (Perez et al., 2018), arXiv:1709.07871
    """

    offset: Tensor

    def __init__(
        self, side: int, channels: int, width: int, conditioning: int, blocks: int = 5, cell: int = 2, growth: int = 2
    ) -> None:
        super().__init__()
        if side % cell:
            raise BadInput("the lattice is cut into whole cells", f"side={side}, cell={cell}", "take cell=2 or cell=1")
        self.grid, self.cell, self.width, self.inner = side // cell, cell, width, growth * width
        sites, inside = self.grid**2, channels * cell**2
        row, column = torch.arange(sites) // self.grid, torch.arange(sites) % self.grid
        away = (row[:, None] - row) % self.grid * self.grid + (column[:, None] - column) % self.grid
        self.register_buffer("offset", away, persistent=False)
        near = ((row + 1) % self.grid < 3) & ((column + 1) % self.grid < 3)  # filters begin by looking around
        self.embed = nn.Sequential(nn.Linear(conditioning, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU())
        self.bend, self.scale = nn.Linear(64, 2 * self.inner * blocks), nn.Linear(64, width)
        self.first = nn.Parameter(torch.randn(width, 2 * inside) / (2 * inside) ** 0.5)
        self.filters = nn.ParameterList(torch.randn(width, sites) * (near / 3 + 0.03) for _ in range(blocks))
        self.into = nn.ParameterList(torch.randn(self.inner, width) / width**0.5 for _ in range(blocks))
        self.out = nn.ParameterList(
            torch.randn(width, self.inner) / (self.inner * blocks) ** 0.5 for _ in range(blocks)
        )
        self.last = nn.Parameter(0.1 * torch.randn(inside, width) / width**0.5)

    def forward(self, x: Float[Tensor, "B C L L"], conditioning: Float[Tensor, "B E"]) -> Float[Tensor, "B C L L"]:
        """Samples to samples."""
        n, sites, e = len(x), self.grid**2, self.embed(conditioning)
        bend = self.bend(e).view(n, -1, 2, self.inner).permute(1, 2, 3, 0)[..., None].contiguous()
        cells = functional.pixel_unshuffle(x, self.cell).flatten(2)
        seen = torch.cat([cells, (cells != 0).to(x)], 1).transpose(0, 1).flatten(1)
        h = self.first @ seen  # features first, samples and cells behind: every layer is one product of matrices
        for (a, b), k, into, out in zip(bend, self.filters, self.into, self.out, strict=True):
            around = torch.bmm(h.view(self.width, n, sites), k[:, self.offset])
            inner = (into @ around.view(self.width, -1)).view(self.inner, n, sites)
            h = torch.addmm(h, out, functional.silu(torch.addcmul(b, inner, 1 + a)).reshape(self.inner, -1))
        h = h.view(self.width, n, sites) * (1 + self.scale(e).T[..., None])
        cells = (self.last @ h.flatten(1)).view(-1, n, sites).transpose(0, 1)
        return functional.pixel_shuffle(cells.reshape(n, -1, self.grid, self.grid), self.cell)


def example() -> tuple[LatticeMixer, tuple[Tensor, ...]]:
    """The smallest one."""
    return LatticeMixer(8, 1, 8, conditioning=4, blocks=2), (torch.randn(2, 1, 8, 8), torch.randn(2, 4))
