"""Transformers over the patches of a picture: one reads the patches that are seen, one fills in those that are not."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from simulacra.core.errors import BadInput
from simulacra.networks.attention import Attention
from simulacra.networks.base import Network


def to_patches(x: Float[Tensor, "B C H W"], side: int) -> Float[Tensor, "B N P"]:
    """Pictures cut into squares, row by row from the upper left; no number is changed or lost.

    Args:
        x: pictures.
        side: pixels along a side of a patch; it divides height and width.

    Returns:
        N patches of P = C · side² numbers, channel by channel and row by row.
    """
    n, channels, height, width = x.shape
    cut = x.reshape(n, channels, height // side, side, width // side, side)
    return cut.permute(0, 2, 4, 1, 3, 5).reshape(n, -1, channels * side**2)


def from_patches(patches: Float[Tensor, "B N P"], shape: tuple[int, int, int], side: int) -> Float[Tensor, "B C H W"]:
    """The pictures, channels × height × width, that `to_patches` cut."""
    channels, height, width = shape
    cut = patches.reshape(len(patches), height // side, width // side, channels, side, side)
    return cut.permute(0, 3, 1, 4, 2, 5).reshape(len(patches), channels, height, width)


def places(height: int, width: int, side: int) -> Float[Tensor, "N 2"]:
    """Row and column of each patch, counted in patches, in the order of `to_patches`."""
    rows, columns = torch.meshgrid(torch.arange(height // side), torch.arange(width // side), indexing="ij")
    return torch.stack([rows.flatten(), columns.flatten()], 1).float()


def waves(at: Float[Tensor, "B N 2"], width: int) -> Float[Tensor, "B N W"]:
    """Sines and cosines of rows and columns, with wavelengths from 3 to 48 patches.

    As Vaswani et al. (2017), but for the wavelengths, which there are those of long texts.

    References:
        Attention is all you need (Vaswani et al., 2017), arXiv:1706.03762
    """
    lengths = 3 * 16 ** torch.linspace(0, 1, width // 4, device=at.device, dtype=at.dtype)
    phase = 2 * math.pi * at[..., None] / lengths
    return torch.cat([phase.sin(), phase.cos()], dim=-1).flatten(-2)


class PatchEncoder(Network):
    """Reads the patches that it is given, and knows of no others.

    Args:
        numbers: in a patch.
        width: features of a patch; a multiple of 4 and of the heads.
        depth: blocks.
        heads: of the attention.
        spread: of the numbers, about; they are divided by it, lest their places outweigh them.

    References:
        An image is worth 16x16 words (Dosovitskiy et al., 2021), arXiv:2010.11929
    """

    def __init__(self, numbers: int, width: int, depth: int = 4, heads: int = 4, spread: float = 1.0) -> None:
        super().__init__()
        check_width(width, heads)
        self.width, self.spread = width, spread
        self.embed = nn.Linear(numbers, width)
        self.blocks = nn.Sequential(*(Block(width, heads) for _ in range(depth)))
        self.norm = nn.LayerNorm(width)

    def forward(self, patches: Float[Tensor, "B V P"], at: Float[Tensor, "B V 2"]) -> Float[Tensor, "B V W"]:
        """Patches and their rows and columns to features."""
        out: Tensor = self.norm(self.blocks(self.embed(patches / self.spread) + waves(at, self.width)))
        return out


class PatchDecoder(Network):
    """Fills in patches from the features of those that were seen.

    Every hidden patch begins as the same learned features, given where it lies.

    Args:
        features: of a patch that was seen.
        numbers: in a patch.
        width: features within; a multiple of 4 and of the heads.
        depth: blocks.
        heads: of the attention.

    References:
        Masked autoencoders are scalable vision learners (He et al., 2021), arXiv:2111.06377
    """

    def __init__(self, features: int, numbers: int, width: int, depth: int = 2, heads: int = 4) -> None:
        super().__init__()
        check_width(width, heads)
        self.width = width
        self.embed = nn.Linear(features, width)
        self.unseen = nn.Parameter(0.02 * torch.randn(width))
        self.blocks = nn.Sequential(*(Block(width, heads) for _ in range(depth)))
        self.norm = nn.LayerNorm(width)
        self.answer = nn.Linear(width, numbers)
        with torch.no_grad():
            self.answer.weight.mul_(0.1)

    def forward(
        self, seen: Float[Tensor, "B V W"], at: Float[Tensor, "B V 2"], wanted: Float[Tensor, "B U 2"]
    ) -> Float[Tensor, "B U P"]:
        """Features of patches, where these lie, and where the hidden ones lie, to the numbers of the hidden ones."""
        known = self.embed(seen) + waves(at, self.width)
        unknown = self.unseen + waves(wanted, self.width)
        h = self.blocks(torch.cat([known, unknown], dim=1))
        out: Tensor = self.answer(self.norm(h[:, at.shape[1] :]))
        return out


class Block(nn.Module):
    """Attention, then dense layers at each patch; each on normalized features, each added to what was there."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attention = Attention(width, heads)
        self.dense = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.before = nn.LayerNorm(width)
        self.between = nn.LayerNorm(width)

    def forward(self, h: Float[Tensor, "B N W"]) -> Float[Tensor, "B N W"]:
        """Patches to patches."""
        h = h + self.attention(self.before(h))
        out: Tensor = h + self.dense(self.between(h))
        return out


def check_width(width: int, heads: int) -> None:
    """The places' waves need a multiple of four, the heads a multiple of their number."""
    if width % 4 or width % heads:
        raise BadInput("the width is no multiple of 4 and of the heads", f"width={width}, heads={heads}", "take 64, 4")


def example() -> tuple[PatchDecoder, tuple[Tensor, ...]]:
    """The smallest one."""
    at = places(8, 8, 4)
    return PatchDecoder(8, 12, 8, depth=1, heads=2), (
        torch.randn(3, 2, 8),
        at[:2].repeat(3, 1, 1),
        at[2:].repeat(3, 1, 1),
    )
