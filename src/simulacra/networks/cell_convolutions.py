"""Convolutions in three dimensions on cells of 2 × 2 × 2 voxels, for volumes of any size."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.networks.base import Network
from simulacra.networks.dcgan import Border

CELL = 2


def folded(x: Float[Tensor, "B C D H W"]) -> Float[Tensor, "B F d h w"]:
    """The voxels of each cell as channels."""
    n, channels, *sides = x.shape
    d, h, w = (side // CELL for side in sides)
    cells = x.reshape(n, channels, d, CELL, h, CELL, w, CELL).permute(0, 1, 3, 5, 7, 2, 4, 6)
    return cells.reshape(n, channels * CELL**3, d, h, w)


def unfolded(cells: Float[Tensor, "B F d h w"]) -> Float[Tensor, "B C D H W"]:
    """And back."""
    n, features, d, h, w = cells.shape
    x = cells.view(n, features // CELL**3, CELL, CELL, CELL, d, h, w).permute(0, 1, 5, 2, 6, 3, 7, 4)
    return x.reshape(n, -1, CELL * d, CELL * h, CELL * w)


class CellConvolutions(Network):
    r"""$h \leftarrow h + k_2 * \mathrm{silu}((1 + a)\,k_1 * h + b)$, a and b from what the network is conditioned on.

    Beside each voxel it sees whether the voxel is 0 (masked) or not. A block of two convolutions of 3 × 3 × 3 cells
    looks 4 voxels farther. Letters: B samples, C channels, E numbers of conditioning.

    Args:
        channels: of the sample: 1 for two phases.
        width: features of a cell.
        conditioning: how many numbers the network is conditioned on.
        blocks: of the kind above.
        border: "circular" where a volume goes on at its opposite face, else "zeros".

    References:
        Deep residual learning for image recognition (He et al., 2015), arXiv:1512.03385
        FiLM: visual reasoning with a general conditioning layer (Perez et al., 2018), arXiv:1709.07871
    """

    def __init__(
        self, channels: int, width: int, conditioning: int, blocks: int = 4, border: Border = "circular"
    ) -> None:
        super().__init__()
        self.border = border
        self.embed = nn.Sequential(nn.Linear(conditioning, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU())
        self.bend = nn.Linear(64, 2 * width * blocks)
        self.first = nn.Conv3d(2 * channels * CELL**3, width, 3)
        self.into = nn.ModuleList(nn.Conv3d(width, width, 3) for _ in range(blocks))
        self.out = nn.ModuleList(nn.Conv3d(width, width, 3) for _ in range(blocks))
        self.last = nn.Conv3d(width, channels * CELL**3, 1)
        with torch.no_grad():
            for layer in self.out:
                layer.weight *= blocks**-0.5
            self.last.weight *= 0.1

    def forward(self, x: Float[Tensor, "B C D H W"], conditioning: Float[Tensor, "B E"]) -> Float[Tensor, "B C D H W"]:
        """Samples to samples."""
        if any(side % CELL for side in x.shape[2:]):
            raise BadInput("volumes are cut into whole cells", f"{tuple(x.shape[2:])} voxels", "take even sides")
        bend = self.bend(self.embed(conditioning)).view(len(x), len(self.into), 2, -1, 1, 1, 1)
        h = self._around(self.first, folded(torch.cat([x, (x != 0).to(x)], 1)))
        for k, (into, out) in enumerate(zip(self.into, self.out, strict=True)):
            inner = torch.addcmul(bend[:, k, 1], self._around(into, h), 1 + bend[:, k, 0])
            h = h + self._around(out, functional.silu(inner))
        return unfolded(self.last(functional.silu(h)))

    def _around(self, layer: nn.Module, h: Tensor) -> Tensor:
        padded = functional.pad(h, (1,) * 6, mode="circular" if self.border == "circular" else "constant")
        made: Tensor = layer(padded)
        return made


def example() -> tuple[CellConvolutions, tuple[Tensor, ...]]:
    """The smallest one."""
    return CellConvolutions(1, 4, conditioning=3, blocks=1), (torch.randn(2, 1, 8, 8, 8), torch.randn(2, 3))
