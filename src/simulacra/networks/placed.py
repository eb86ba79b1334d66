"""Placed: a network of convolutions that knows where in the picture it stands."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from simulacra.core.errors import BadInput
from simulacra.networks.base import Network
from simulacra.networks.folded import Folded
from simulacra.networks.unet import UNet


class Placed(Network):
    r"""Two more channels go in, $2 r^2 - 1$ and $e^{-18 r^2}$; r is the distance from the middle over half a diagonal.

    Convolutions do the same everywhere, and learn where the middle is from the padding at the edges alone, late and
    dimly. Where the objects stand in the middle, as in pictures cut out about them, this says so at once. Both channels
    are the same in all turns and mirrors of the picture.

    Args:
        network: x (B, C + 2, H, W) and what it is conditioned on to numbers of the same shape; the last two are not
            looked at.
        shape: of a picture: channels, height, width.
    """

    def __init__(self, network: nn.Module, shape: tuple[int, ...]) -> None:
        super().__init__()
        if len(shape) != 3:
            raise BadInput("places are of pictures with channels", f"shape {shape}", "give (channels, height, width)")
        self.network, self.shape = network, tuple(shape)
        across = [torch.linspace(-1, 1, side, dtype=torch.float64) for side in shape[1:]]
        square = (across[0][:, None] ** 2 + across[1][None, :] ** 2) / 2
        places = torch.stack([2 * square - 1, (-18 * square).exp()]).float()
        self.register_buffer("places", places, persistent=False)

    def forward(self, x: Float[Tensor, "B C H W"], conditioning: Float[Tensor, "B E"]) -> Float[Tensor, "B C H W"]:
        """Pictures to pictures."""
        places = self.get_buffer("places").to(x).expand(len(x), -1, -1, -1)
        out: Tensor = self.network(torch.cat([x, places], 1), conditioning)
        return out[:, : x.shape[1]]


def example() -> tuple[Placed, tuple[Tensor, ...]]:
    """The smallest one."""
    return Placed(Folded(UNet(2, 12, 8, conditioning=4, growth=(1, 2)), 2), (1, 8, 8)), (
        torch.randn(2, 1, 8, 8),
        torch.randn(2, 4),
    )
