"""UNet: a denoiser of series, pictures and volumes, which sees far on coarse grids and sharply on fine ones."""

from __future__ import annotations

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.networks.attention import Attention
from simulacra.networks.base import Network

Border = Literal["zeros", "circular"]
CONVOLUTIONS: tuple[type[nn.Conv1d] | type[nn.Conv2d] | type[nn.Conv3d], ...] = (nn.Conv1d, nn.Conv2d, nn.Conv3d)


def convolution(dimensions: int, before: int, after: int, border: Border, side: int = 3, stride: int = 1) -> nn.Module:
    """A convolution over so many dimensions that keeps the size, or halves it at stride 2."""
    return CONVOLUTIONS[dimensions - 1](
        before, after, side, stride, side // 2, padding_mode=border if side > 1 else "zeros"
    )


def norm(channels: int) -> nn.GroupNorm:
    """Groups of two channels or more: alone, a channel would lose what a bias before it says."""
    return nn.GroupNorm(next(g for g in (8, 4, 2, 1) if channels % (2 * g) == 0 or g == 1), channels)


class UNet(Network):
    r"""Residual blocks bent by what they are conditioned on, on grids that are halved on the way down and doubled on
    the way up.

    What went down is laid beside what comes up. Each block is $h + W_2\,\mathrm{silu}((1 + a)\,\mathrm{norm}(W_1 h) +
    b)$ with a, b from what the network is conditioned on. With a circular border the network commutes with
    translations of a periodic grid by the coarsest spacing, $2^{\text{levels} - 1}$.

    Args:
        dimensions: of the grid: 1, 2 or 3.
        channels: of the sample.
        width: channels on the finest grid.
        conditioning: how many numbers the network is conditioned on.
        growth: channels of each level over the width; the sides are halved between levels.
        attention: at how many of the coarsest levels all places see each other; 0 for none. Its cost grows with the
            square of the places: keep it to a few hundred.
        blocks: residual blocks of a level on the way down; as many on the way up.
        heads: of the attention.
        border: what lies beyond the edge: "circular" for periodic physics.

    References:
        U-Net: convolutional networks for biomedical image segmentation (Ronneberger, Fischer & Brox, 2015),
        arXiv:1505.04597
        Denoising diffusion probabilistic models (Ho, Jain & Abbeel, 2020), arXiv:2006.11239
    """

    def __init__(
        self,
        dimensions: int,
        channels: int,
        width: int,
        conditioning: int,
        growth: tuple[int, ...] = (1, 2, 2),
        attention: int = 1,
        blocks: int = 1,
        heads: int = 4,
        border: Border = "zeros",
    ) -> None:
        super().__init__()
        if dimensions not in (1, 2, 3) or not growth or blocks < 1 or not 0 <= attention <= len(growth):
            raise BadInput(
                "a UNet has 1 to 3 dimensions, a level, a block, and attention at none to all of its levels",
                f"dimensions={dimensions}, growth={growth}, blocks={blocks}, attention={attention}",
                "take dimensions=2, growth=(1, 2, 2), blocks=1, attention=1",
            )
        self.halvings = len(growth) - 1
        features = 4 * width
        self.embed = nn.Sequential(
            nn.Linear(conditioning, features), nn.SiLU(), nn.Linear(features, features), nn.SiLU()
        )
        self.first = convolution(dimensions, channels, width, border)
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        now, kept = width, [width]
        for level, wider in enumerate(growth):
            sees = level >= len(growth) - attention
            for _ in range(blocks):
                self.down.append(Block(dimensions, now, wider * width, features, border, heads if sees else 0))
                now = wider * width
                kept.append(now)
            if level < self.halvings:
                self.down.append(Halve(dimensions, now, border))
                kept.append(now)
        self.middle = Block(dimensions, now, now, features, border, heads if attention else 0)
        for level, wider in reversed(list(enumerate(growth))):
            sees = level >= len(growth) - attention
            for _ in range(blocks + 1):
                before = now + kept.pop()
                self.up.append(Block(dimensions, before, wider * width, features, border, heads if sees else 0))
                now = wider * width
            if level:
                self.up.append(Double(dimensions, now, border))
        self.norm, self.last = norm(now), convolution(dimensions, now, channels, border)
        with torch.no_grad():
            for parameter in self.last.parameters():  # near zero, not at it: what comes before learns from the start
                parameter.mul_(0.1)

    def forward(self, x: Float[Tensor, "B C ..."], conditioning: Float[Tensor, "B E"]) -> Float[Tensor, "B C ..."]:
        """Samples to samples."""
        if any(side % 2**self.halvings for side in x.shape[2:]):
            raise BadInput(
                "the sides of a sample cannot be halved so often",
                f"{tuple(x.shape[2:])}, halved {self.halvings} times",
                f"bring them to multiples of {2**self.halvings}, or take fewer levels",
            )
        e, h = self.embed(conditioning), self.first(x)
        kept = [h]
        for part in self.down:
            h = part(h, e)
            kept.append(h)
        h = self.middle(h, e)
        for part in self.up:
            h = part(torch.cat([h, kept.pop()], 1) if isinstance(part, Block) else h, e)
        out: Tensor = self.last(functional.silu(self.norm(h)))
        return out


class Block(nn.Module):
    """A residual block, and attention after it where there are heads."""

    def __init__(self, dimensions: int, before: int, after: int, features: int, border: Border, heads: int) -> None:
        super().__init__()
        self.norm, self.into = norm(before), convolution(dimensions, before, after, border)
        self.bend, self.middle = nn.Linear(features, 2 * after), norm(after)
        self.out = convolution(dimensions, after, after, border)
        self.around = nn.Identity() if before == after else convolution(dimensions, before, after, border, side=1)
        self.calm = norm(after) if heads else None
        self.attention = Attention(after, heads) if heads else None

    def forward(self, x: Float[Tensor, "B C ..."], e: Float[Tensor, "B F"]) -> Float[Tensor, "B D ..."]:
        """Features of a grid, bent by what it is conditioned on."""
        a, b = self.bend(e).view(len(x), -1, *[1] * (x.ndim - 2)).chunk(2, 1)
        h = self.middle(self.into(functional.silu(self.norm(x))))
        h = self.around(x) + self.out(functional.silu((1 + a) * h + b))
        if self.attention is not None and self.calm is not None:
            places = self.calm(h).flatten(2).transpose(1, 2)
            h = h + self.attention(places).transpose(1, 2).reshape(h.shape)
        grid: Tensor = h
        return grid


class Halve(nn.Module):
    """A grid of half the sides."""

    def __init__(self, dimensions: int, channels: int, border: Border) -> None:
        super().__init__()
        self.convolution = convolution(dimensions, channels, channels, border, stride=2)

    def forward(self, x: Float[Tensor, "B C ..."], e: Float[Tensor, "B F"]) -> Float[Tensor, "B C ..."]:
        """Every second place."""
        out: Tensor = self.convolution(x)
        return out


class Double(nn.Module):
    """A grid of twice the sides: each place copied, then smoothed."""

    def __init__(self, dimensions: int, channels: int, border: Border) -> None:
        super().__init__()
        self.convolution = convolution(dimensions, channels, channels, border)

    def forward(self, x: Float[Tensor, "B C ..."], e: Float[Tensor, "B F"]) -> Float[Tensor, "B C ..."]:
        """Two places for one along each side."""
        out: Tensor = self.convolution(functional.interpolate(x, scale_factor=2.0))
        return out


def example() -> tuple[UNet, tuple[Tensor, ...]]:
    """The smallest one."""
    return UNet(2, 1, 8, conditioning=4, growth=(1, 2)), (torch.randn(2, 1, 8, 8), torch.randn(2, 4))
