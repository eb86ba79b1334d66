"""Attention among atoms whose bonds are known: from places in disorder to the places of a molecule."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.networks.base import Network

REACH = 6.0  # Å: up to it distances are given by bumps
NEAR = 0.5  # Å: added to a distance before it divides


class ShapeNetwork(Network):
    r"""Places, and what is known of atoms and pairs, to new places; turns, mirrors and shifts are passed on.

    In a block each pair of atoms has a state, which knows their bond, their distance and both atoms; it says how much
    the atoms heed each other, and how an arrow of each atom grows along the unit vector between them. What arrows of
    one atom make with each other (their products) shows the atom its angles; a mixture of them moves it. Letters: B
    molecules, N seats, F numbers of an atom, E of a pair, W and P features within.

    Args:
        atoms: numbers of conditioning of an atom: F.
        pairs: numbers of conditioning of two atoms: E.
        width: features of an atom: W.
        narrow: features of a pair: P.
        blocks: rounds.
        heads: of the attention.
        arrows: of each atom.
        bumps: of a distance.

    References:
        E(n) equivariant graph neural networks (Satorras, Hoogeboom & Welling, 2021), arXiv:2102.09844
        Equivariant message passing for the prediction of tensorial properties and molecular spectra (Schütt, Unke &
        Gastegger, 2021), arXiv:2102.03150
        Do transformers really perform badly for graph representation? (Ying et al., 2021), arXiv:2106.05234
    """

    middles: Tensor

    def __init__(
        self,
        atoms: int,
        pairs: int,
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
        self.embed, self.embed_pair = nn.Linear(atoms + 2, width), nn.Linear(pairs, narrow)
        self.register_buffer("middles", torch.linspace(0.7, REACH, bumps), persistent=False)
        self.blocks = nn.ModuleList(
            Block(width, narrow, heads, arrows, bumps + 2, last=i == blocks - 1) for i in range(blocks)
        )

    def forward(
        self,
        x: Float[Tensor, "B N 3"],
        atoms: Float[Tensor, "B N F"],
        pairs: Float[Tensor, "B N N E"],
        time: Float[Tensor, " B"],
        mask: Bool[Tensor, "B N"] | None = None,
    ) -> Float[Tensor, "B N 3"]:
        """Where the atoms belong.

        Args:
            x: places, Å.
            atoms: of each atom.
            pairs: of each two atoms, the same from both ends.
            time: from 0 (disorder) to 1.
            mask: which seats hold an atom; all if None.
        """
        clock = torch.stack([time, torch.sqrt(1 - time + 1e-6)], 1)[:, None].expand(-1, x.shape[1], -1)
        h = self.embed(torch.cat([atoms, clock], 2))
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
        return x * seen[..., None]


class Block(nn.Module):
    """One round.

    Args:
        width: features of an atom.
        narrow: of a pair.
        heads: of the attention.
        arrows: of each atom.
        conditioning: numbers of a distance.
        last: whether nothing is heard afterwards, so that pairs and atoms need not remember.
    """

    def __init__(self, width: int, narrow: int, heads: int, arrows: int, conditioning: int, last: bool) -> None:
        super().__init__()
        self.heads, self.arrows, self.narrow = heads, arrows, narrow
        self.norm = nn.LayerNorm(width)
        self.ask = nn.Linear(
            width, 3 * width + 2 * narrow
        )  # query, key, value; what a pair is distinguished from each end
        self.far, self.recall = nn.Linear(conditioning, narrow, bias=False), nn.Linear(narrow, narrow, bias=False)
        self.say = nn.Linear(narrow, heads + 1 + 2 * arrows, bias=False)  # heed, gate, pushes along, arrows taken over
        self.remember: nn.Linear | None = None if last else nn.Linear(narrow, narrow, bias=False)
        self.mix = nn.Linear(arrows, 3 * arrows, bias=False)
        answer = nn.Linear(2 * width, width + 2 * arrows)
        self.think = nn.Sequential(nn.Linear(2 * width + narrow + 2 * arrows, 2 * width), nn.SiLU(), answer)
        self.calm = nn.LayerNorm(narrow + 2 * arrows)
        with torch.no_grad():  # atoms begin by staying where they are
            answer.bias.zero_()
            answer.weight[width : width + arrows].mul_(0.01)

    def forward(
        self, h: Tensor, z: Tensor, arrow: Tensor, x: Tensor, unit: Tensor, conditioning: Tensor, both: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Atoms, pairs, arrows and places to those after the round."""
        batch, n, width = h.shape
        calm = self.norm(h)
        query, key, value, here, there = self.ask(calm).split([width, width, width, self.narrow, self.narrow], 2)
        known = self.far(conditioning).add_(self.recall(z)).add_(here[:, :, None]).add_(there[:, None])
        state = functional.silu(known)
        said = self.say(state)
        heed, gate, push, take = said.split([self.heads, 1, self.arrows, self.arrows], 3)
        query, key, value = (part.view(batch, n, self.heads, -1).transpose(1, 2) for part in (query, key, value))
        weight = query @ key.mT * (width // self.heads) ** -0.5 + heed.permute(0, 3, 1, 2)
        weight = (weight - 1e4 * (1 - both[:, None, :, :, 0])).softmax(-1)
        heard = (weight @ value).transpose(1, 2).reshape(batch, n, width)
        gate = torch.sigmoid(gate) * both
        told_atom = (gate.mT @ state).squeeze(2)
        grown = unit.mT @ (push * both)  # (B, N, 3, A)
        carried = (take * both).permute(0, 3, 1, 2).flatten(0, 1) @ arrow.permute(0, 3, 1, 2).flatten(0, 1)
        carried = carried.view(batch, self.arrows, n, 3).permute(0, 2, 3, 1)
        arrow = arrow + grown / 4 + carried / 8
        arrow = arrow * torch.rsqrt(1 + arrow.square().mean((2, 3), keepdim=True))
        left, right, moved = self.mix(arrow).split(self.arrows, 3)
        products = (left * right).sum(2)
        lengths = (arrow.square().sum(2) + 1e-6).sqrt()
        shown = self.calm(torch.cat([told_atom, products, lengths], 2))
        thought = self.think(torch.cat([calm, heard, shown], 2))
        more, scale, keep = thought.split([width, self.arrows, self.arrows], 2)
        x = x + (moved * scale[:, :, None]).sum(3)
        if self.remember is None:
            return h, z, arrow, x
        return h + more, z + self.remember(state), arrow * torch.sigmoid(keep + 2)[:, :, None], x


def example() -> tuple[ShapeNetwork, tuple[Tensor, ...]]:
    """The smallest one."""
    pairs = torch.randn(4, 5, 5, 3)
    made = ShapeNetwork(4, 3, width=8, narrow=8, blocks=2, heads=2, arrows=3, bumps=8)
    return made, (torch.randn(4, 5, 3), torch.randn(4, 5, 4), (pairs + pairs.transpose(1, 2)) / 2, torch.rand(4))
