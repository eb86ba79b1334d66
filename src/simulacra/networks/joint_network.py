"""Attention among atoms in noise: to their places, and to the scores of their types and of their bonds."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from simulacra.core.errors import BadInput
from simulacra.networks.base import Network
from simulacra.networks.shape_network import NEAR, REACH, Block


class JointNetwork(Network):
    r"""Places, and what is known of atoms, pairs and the whole, to clean places and the scores of types and bonds.

    The rounds are those of `ShapeNetwork`: turns, mirrors and shifts of the places are passed on, and the scores do not
    change with them. A pair's scores are the sum of what both ends say, so that a bond is the same from either.
    Letters: B molecules, N seats, F numbers of an atom, E of a pair, G of the whole, K types of atoms, L kinds of
    bonds.

    Args:
        atoms: numbers of an atom: F.
        pairs: numbers of a pair: E.
        whole: numbers of the molecule and of how noisy it is: G.
        types: scores of an atom: K.
        bonds: scores of a pair: L.
        width: features of an atom.
        narrow: features of a pair.
        blocks: rounds.
        heads: of the attention.
        arrows: of each atom.
        bumps: of a distance.

    References:
        MiDi: mixed graph and 3D denoising diffusion for molecule generation (Vignac et al., 2023), arXiv:2302.09048
    """

    middles: Tensor

    def __init__(
        self,
        atoms: int,
        pairs: int,
        whole: int,
        types: int,
        bonds: int,
        width: int = 96,
        narrow: int = 48,
        blocks: int = 6,
        heads: int = 6,
        arrows: int = 12,
        bumps: int = 20,
    ) -> None:
        super().__init__()
        if width % heads or blocks < 1:
            raise BadInput("heads share the width evenly", f"width={width}, heads={heads}", "take width=96, heads=6")
        self.arrows = arrows
        self.embed, self.embed_pair = nn.Linear(atoms + whole, width), nn.Linear(pairs, narrow)
        self.register_buffer("middles", torch.linspace(0.7, REACH, bumps), persistent=False)
        self.blocks = nn.ModuleList(Block(width, narrow, heads, arrows, bumps + 2, last=False) for _ in range(blocks))
        self.end = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, types))
        self.end_pair = nn.Sequential(
            nn.LayerNorm(narrow), nn.Linear(narrow, narrow), nn.SiLU(), nn.Linear(narrow, bonds)
        )

    def forward(
        self,
        x: Float[Tensor, "B N 3"],
        atoms: Float[Tensor, "B N F"],
        pairs: Float[Tensor, "B N N E"],
        whole: Float[Tensor, "B G"],
        mask: Bool[Tensor, "B N"] | None = None,
    ) -> Float[Tensor, "B row"]:
        """Places, then atoms' scores, then pairs' scores, in one row: 3 N + N K + N N L.

        Args:
            x: places, Å.
            atoms: of each atom.
            pairs: of each two atoms, the same from both ends.
            whole: of the molecule, and how noisy it is.
            mask: which seats hold an atom; all if None.
        """
        h = self.embed(torch.cat([atoms, whole[:, None].expand(-1, x.shape[1], -1)], 2))
        z = self.embed_pair(pairs)
        arrow = x.new_zeros(*x.shape[:2], 3, self.arrows)
        seen = torch.ones_like(x[..., 0]) if mask is None else mask.to(x.dtype)
        both = (seen[:, :, None] * seen[:, None, :])[..., None]
        for block in self.blocks:
            step = x[:, :, None] - x[:, None]
            far = (step.square().sum(-1, keepdim=True) + 1e-8).sqrt()
            bump = torch.exp(-((far - self.middles) * (len(self.middles) / REACH)).square())
            conditioning = torch.cat([bump, 1 / (far + NEAR), 0.3 * torch.log1p(far)], -1)
            h, z, arrow, x = block(h, z, arrow, x, step / (far + NEAR), conditioning, both)
        between = self.end_pair(z)
        between = between + between.transpose(1, 2)
        return torch.cat([(x * seen[..., None]).flatten(1), self.end(h).flatten(1), between.flatten(1)], 1)


def example() -> tuple[JointNetwork, tuple[Tensor, ...]]:
    """The smallest one."""
    pairs = torch.randn(4, 5, 5, 3)
    made = JointNetwork(4, 3, 2, 3, 2, width=8, narrow=8, blocks=2, heads=2, arrows=3, bumps=8)
    given = (torch.randn(4, 5, 3), torch.randn(4, 5, 4), (pairs + pairs.transpose(1, 2)) / 2, torch.randn(4, 2))
    return made, given
