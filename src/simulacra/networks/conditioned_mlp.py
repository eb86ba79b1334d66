"""Dense layers with a way around each, bent by what they are conditioned on: a denoiser of vectors."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from simulacra.networks.base import Network


class ConditionedMLP(Network):
    r"""$h \leftarrow h + W_2\,\mathrm{silu}((1 + a)\,W_1 h + b)$, with a and b from what the network is conditioned on.

    Args:
        features: of the vector that goes in and comes out.
        width: of the layers.
        conditioning: how many numbers it is conditioned on.
        layers: of the kind above.

    References:
        FiLM: visual reasoning with a general conditioning layer (Perez et al., 2018), arXiv:1709.07871
    """

    def __init__(self, features: int, width: int, conditioning: int, layers: int = 3) -> None:
        super().__init__()
        self.embed = nn.Sequential(nn.Linear(conditioning, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU())
        self.first, self.last = nn.Linear(features, width), nn.Linear(width, features)
        self.into = nn.ModuleList(nn.Linear(width, width) for _ in range(layers))
        self.bend = nn.ModuleList(nn.Linear(width, 2 * width) for _ in range(layers))
        self.out = nn.ModuleList(nn.Linear(width, width) for _ in range(layers))

    def forward(self, x: Float[Tensor, "B D"], conditioning: Float[Tensor, "B E"]) -> Float[Tensor, "B D"]:
        """Vectors to vectors."""
        e = self.embed(conditioning)
        h = self.first(x)
        for into, bend, out in zip(self.into, self.bend, self.out, strict=True):
            a, b = bend(e).chunk(2, 1)
            h = h + out(functional.silu((1 + a) * into(h) + b))
        said: Tensor = self.last(functional.silu(h))
        return said


def example() -> tuple[ConditionedMLP, tuple[Tensor, ...]]:
    """The smallest one."""
    return ConditionedMLP(3, 8, conditioning=4), (torch.randn(5, 3), torch.randn(5, 4))
