"""One step of a transformer after another: keys and values of earlier places are kept, and not computed again."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from simulacra.networks.reader import State
from simulacra.networks.token_transformer import Block, TokenTransformer

ASIDE = True


@dataclass(frozen=True, eq=False)
class TransformerSteps:
    """A copy of a `TokenTransformer` for single steps of sequences that may be at different places.

    Args:
        reader: the copy, in the precision of the steps.
        dtype: that precision.
    """

    reader: TokenTransformer
    dtype: torch.dtype

    @classmethod
    @torch.no_grad()
    def of(cls, reader: TokenTransformer, dtype: torch.dtype = torch.float32) -> TransformerSteps:
        """The steps of a reader, in this precision."""
        return cls(deepcopy(reader).to(dtype).eval(), dtype)

    @torch.no_grad()
    def begin(self, n: int, told: Float[Tensor, "n G"] | None = None) -> State:
        """Before the first token: the place (n,), what is told (n, W), and room for keys and values of each block."""
        reader, like = self.reader, self.reader.place.weight
        place = torch.zeros(n, dtype=torch.long, device=like.device)
        added = torch.zeros(n, reader.width, dtype=self.dtype, device=like.device)
        if told is not None and reader.told:
            added = reader.tell(told.to(like))
        shape = (n, reader.heads, reader.longest, reader.width // reader.heads)
        kept = [torch.zeros(shape, dtype=self.dtype, device=like.device) for _ in range(2 * len(reader.blocks))]
        return place, added, *kept

    @torch.no_grad()
    def step(self, last: Int[Tensor, " B"], state: State) -> Float[Tensor, "B K"]:
        """Scores of the token after the last; the state goes on in place."""
        place, told, *kept = state
        reader, rows = self.reader, torch.arange(len(last), device=last.device)
        x = (reader.embed(last) + reader.place(place) + told)[:, None]
        far = int(place.max()) + 1
        before = (torch.arange(far, device=last.device) <= place[:, None])[:, None, None]
        for at, block in enumerate(reader.blocks):
            assert isinstance(block, Block)
            asked, key, value = block.parts(x)
            keys, values = kept[2 * at], kept[2 * at + 1]
            keys[rows, :, place], values[rows, :, place] = key[:, :, 0], value[:, :, 0]
            seen = functional.scaled_dot_product_attention(asked, keys[:, :, :far], values[:, :, :far], before)
            x = block.close(x, seen)
        place += 1
        return functional.linear(reader.last(x), reader.embed.weight, reader.shift)[:, 0]
