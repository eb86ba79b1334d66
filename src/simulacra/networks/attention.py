"""Self-attention: every place looks at every other; the part that UNets and transformers share."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.networks.base import Network


class Attention(Network):
    r"""$\mathrm{softmax}(q k^\top / \sqrt d)\,v$ over the places of each sample, with several heads.

    Args:
        width: features of a place.
        heads: among which they are shared out.

    References:
        Attention is all you need (Vaswani et al., 2017), arXiv:1706.03762
    """

    def __init__(self, width: int, heads: int = 4) -> None:
        super().__init__()
        if width % heads:
            raise BadInput("the heads do not share the width evenly", f"width={width}, heads={heads}", "take heads=4")
        self.heads = heads
        self.ask = nn.Linear(width, 3 * width, bias=False)  # a key's offset would be the same for all, and idle
        self.answer = nn.Linear(width, width)

    def forward(self, x: Float[Tensor, "B N W"]) -> Float[Tensor, "B N W"]:
        """Features of places to features of places."""
        n, places, width = x.shape
        q, k, v = self.ask(x).view(n, places, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(q, k, v)
        out: Tensor = self.answer(seen.transpose(1, 2).reshape(n, places, width))
        return out


def example() -> tuple[Attention, tuple[Tensor, ...]]:
    """The smallest one."""
    return Attention(8, 2), (torch.randn(3, 5, 8),)
