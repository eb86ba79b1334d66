"""Folded: a network that sees pictures coarser, with the small scales laid into channels."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.networks.base import Network
from simulacra.networks.unet import UNet


class Folded(Network):
    """Squares of pixels become channels before a network, and pixels again after it; nothing is lost.

    The finest grid of a UNet is where most of its work is done and the least is to be seen far: folded by 2, a quarter
    of the work is left.

    Args:
        network: x (B, side² C, H / side, W / side) and what it is conditioned on to numbers of the shape of x.
        side: pixels along a side of a square.

    References:
        Simple diffusion: end-to-end diffusion for high resolution images (Hoogeboom, Heek & Salimans, 2023),
        arXiv:2301.11093
    """

    def __init__(self, network: nn.Module, side: int = 2) -> None:
        super().__init__()
        if side < 1:
            raise BadInput("a square has a pixel or more along its side", f"side={side}", "take side=2")
        self.network, self.side = network, side

    def forward(self, x: Float[Tensor, "B C H W"], conditioning: Float[Tensor, "B E"]) -> Float[Tensor, "B C H W"]:
        """Pictures to pictures."""
        if any(length % self.side for length in x.shape[2:]):
            raise BadInput(
                "a picture cannot be cut into whole squares",
                f"{tuple(x.shape[2:])} pixels, squares of {self.side}",
                f"bring its sides to multiples of {self.side}, or take side=1",
            )
        out: Tensor = functional.pixel_shuffle(
            self.network(functional.pixel_unshuffle(x, self.side), conditioning), self.side
        )
        return out


def example() -> tuple[Folded, tuple[Tensor, ...]]:
    """The smallest one."""
    return Folded(UNet(2, 4, 8, conditioning=4, growth=(1, 2)), 2), (torch.randn(2, 1, 8, 8), torch.randn(2, 4))
