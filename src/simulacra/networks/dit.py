"""Diffusion transformer: a denoiser that cuts a sample into patches and lets each look at all the others."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.networks.attention import Attention
from simulacra.networks.base import Network

CUTS: tuple[type[nn.Conv1d] | type[nn.Conv2d] | type[nn.Conv3d], ...] = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
JOINS: tuple[type[nn.ConvTranspose1d] | type[nn.ConvTranspose2d] | type[nn.ConvTranspose3d], ...] = (
    nn.ConvTranspose1d,
    nn.ConvTranspose2d,
    nn.ConvTranspose3d,
)


class DiT(Network):
    """Patches with learned places, blocks of attention and dense layers, bent and gated by what they are conditioned
    on.

    Gates begin near zero, so that a deep network begins as nearly none. With patches of one site it works on sites.

    Args:
        shape: of a sample: channels, then one to three sides.
        patch: sites along a side of a patch.
        width: features of a patch.
        conditioning: how many numbers the network is conditioned on.
        depth: blocks.
        heads: of the attention.

    References:
        Scalable diffusion models with transformers (Peebles & Xie, 2023), arXiv:2212.09748
    """

    def __init__(
        self, shape: tuple[int, ...], patch: int, width: int, conditioning: int, depth: int = 4, heads: int = 4
    ) -> None:
        super().__init__()
        channels, *sides = shape
        if not 1 <= len(sides) <= 3 or any(side % patch for side in sides):
            raise BadInput(
                "a sample with one to three sides is cut into whole patches",
                f"shape={tuple(shape)}, patch={patch}",
                "take a patch that divides every side",
            )
        self.grid = tuple(side // patch for side in sides)
        self.cut = CUTS[len(sides) - 1](channels, width, patch, patch)
        self.place = nn.Parameter(0.1 * torch.randn(1, width, *self.grid))
        self.embed = nn.Sequential(nn.Linear(conditioning, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU())
        self.blocks = nn.ModuleList(GatedBlock(width, heads) for _ in range(depth))
        self.bend = nn.Linear(width, 2 * width)
        self.join = JOINS[len(sides) - 1](width, channels, patch, patch)
        with torch.no_grad():
            for parameter in self.join.parameters():
                parameter.mul_(0.1)

    def forward(self, x: Float[Tensor, "B C ..."], conditioning: Float[Tensor, "B E"]) -> Float[Tensor, "B C ..."]:
        """Samples to samples."""
        e = self.embed(conditioning)
        h = (self.cut(x) + self.place).flatten(2).transpose(1, 2)
        for block in self.blocks:
            h = block(h, e)
        a, b = self.bend(e)[:, None].chunk(2, 2)
        h = (1 + a) * functional.layer_norm(h, h.shape[2:]) + b
        out: Tensor = self.join(h.transpose(1, 2).reshape(len(x), -1, *self.grid))
        return out


class GatedBlock(nn.Module):
    """Attention, then dense layers at each patch; both bent and gated."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attention = Attention(width, heads)
        self.dense = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.bend = nn.Linear(width, 6 * width)
        with torch.no_grad():
            for parameter in self.bend.parameters():
                parameter.mul_(0.1)

    def forward(self, h: Float[Tensor, "B N W"], e: Float[Tensor, "B W"]) -> Float[Tensor, "B N W"]:
        """Patches to patches."""
        a, b, gate, c, d, door = self.bend(e)[:, None].chunk(6, 2)
        h = h + gate * self.attention((1 + a) * functional.layer_norm(h, h.shape[2:]) + b)
        out: Tensor = h + door * self.dense((1 + c) * functional.layer_norm(h, h.shape[2:]) + d)
        return out


def example() -> tuple[DiT, tuple[Tensor, ...]]:
    """The smallest one."""
    return DiT((1, 8, 8), 2, 16, conditioning=4, depth=2), (torch.randn(2, 1, 8, 8), torch.randn(2, 4))
