"""A critic of volumes that are alike everywhere: it looks at every neighborhood by one rule, and at their mean."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from simulacra.networks.base import Network
from simulacra.networks.dcgan import Border
from simulacra.networks.noise_field_generator import FOLD, coarse, folded

SLOPE = 0.2


class MaterialCritic(Network):
    """A volume, through convolutions and the mean of their features over it, to one number.

    The eight voxels of a cube enter as channels of one place, which makes the widest layers eight times as cheap. The
    mean over all places is what a material is known by: shares, surfaces and correlations are such means. A small dense
    network on it can distinguish a share that is too large from one that is too small. No layer mixes samples.

    Args:
        width: channels after the first layer; doubled at each of the two that follow, with stride two.
        hidden: numbers of the dense layer on the means.
        border: what lies beyond the faces: "circular" for periodic volumes.
        conditions: how many numbers each volume is conditioned on; they enter with the means.
    """

    def __init__(self, width: int, hidden: int = 64, border: Border = "zeros", conditions: int = 0) -> None:
        super().__init__()
        act = nn.LeakyReLU(SLOPE)
        self.fine = nn.Sequential(nn.Conv3d(FOLD**3, width, 3, 1, 1, padding_mode=border), act)
        self.middle = nn.Sequential(nn.Conv3d(width, 2 * width, 4, 2, 1, padding_mode=border), act)
        self.broad = nn.Sequential(nn.Conv3d(2 * width, 4 * width, 4, 2, 1, padding_mode=border), act)
        self.said = nn.Sequential(nn.Linear(7 * width + conditions, hidden), act, nn.Linear(hidden, 1, bias=False))

    def forward(self, x: Float[Tensor, "B 1 S S S"], given: Float[Tensor, "B G"]) -> Float[Tensor, " B"]:
        """One number a volume: large for real ones."""
        coarse(x.shape[2])
        fine = self.fine(folded(x).contiguous(memory_format=torch.channels_last_3d))
        middle = self.middle(fine)
        broad = self.broad(middle)
        means = torch.cat([*(part.mean(dim=(2, 3, 4)) for part in (fine, middle, broad)), given], 1)
        out: Tensor = self.said(means).squeeze(1)
        return out


def example() -> tuple[MaterialCritic, tuple[Tensor, ...]]:
    """The smallest one."""
    return MaterialCritic(4, 8, conditions=1), (torch.randn(2, 1, 8, 8, 8), torch.randn(2, 1))
