"""A reader of tokens with attention to all that came before: a small transformer decoder."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.networks.reader import Reader, State, Steps

ASIDE = True


class Block(nn.Module):
    """Attention to the places before, then a perceptron of each place; both are added to what came in.

    Args:
        width: features of a place, W.
        heads: of the attention.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.before, self.after = nn.LayerNorm(width), nn.LayerNorm(width)
        self.asked, self.mixed = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.wide, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def parts(self, x: Float[Tensor, "B T W"]) -> tuple[Tensor, Tensor, Tensor]:
        """Questions, keys and values of each head, (B, heads, T, W / heads)."""
        shape = (*x.shape[:2], 3, self.heads, x.shape[2] // self.heads)
        asked, keys, values = self.asked(self.before(x)).view(shape).permute(2, 0, 3, 1, 4)
        return asked, keys, values

    def close(self, x: Float[Tensor, "B T W"], seen: Float[Tensor, "B H T D"]) -> Float[Tensor, "B T W"]:
        """What comes out, from what went in and what the heads saw."""
        x = x + self.mixed(seen.transpose(1, 2).flatten(2))
        out: Tensor = x + self.narrow(functional.gelu(self.wide(self.after(x))))
        return out


class TokenTransformer(Reader):
    """Tokens, embedded with their place, through blocks of attention to scores of the next one.

    The scores come by the tokens' own embeddings (tied weights). What is told of a sequence is added to each of its
    places; at first it adds nothing. Letters: B sequences, L places, K tokens, G numbers told.

    Args:
        tokens: how many there are: K.
        longest: places of a sequence, its start among them, at most.
        width: features of a place.
        blocks: one upon the other.
        heads: of the attention; they share the width.
        numbers: that are told of each sequence: G.

    References:
        Attention is all you need (Vaswani et al., 2017), arXiv:1706.03762;
        Using the output embedding to improve language models (Press & Wolf, 2017), arXiv:1608.05859
    """

    def __init__(
        self, tokens: int, longest: int = 128, width: int = 256, blocks: int = 4, heads: int = 8, numbers: int = 0
    ) -> None:
        super().__init__()
        if longest < 1 or blocks < 1 or heads < 1 or width % heads:
            raise BadInput(
                "heads share the width, and a sequence has places",
                f"width={width}, heads={heads}, blocks={blocks}, longest={longest}",
                "take width=256, heads=8, blocks=4, longest=128",
            )
        self.tokens, self.told, self.longest, self.width, self.heads = tokens, numbers, longest, width, heads
        self.embed, self.place = nn.Embedding(tokens, width), nn.Embedding(longest, width)
        nn.init.normal_(self.embed.weight, std=0.02)
        nn.init.normal_(self.place.weight, std=0.02)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(blocks))
        self.last = nn.LayerNorm(width)
        self.shift = nn.Parameter(torch.zeros(tokens))
        if numbers:
            self.tell = nn.Linear(numbers, width)
            nn.init.zeros_(self.tell.weight)
            nn.init.zeros_(self.tell.bias)

    def forward(
        self, x: Int[Tensor, "B L"], state: State | None = None, told: Float[Tensor, "B G"] | None = None
    ) -> tuple[Float[Tensor, "B L K"], State]:
        """Scores of the token after each; the state holds the keys and values of all places, two of each block."""
        done = 0 if state is None else state[0].shape[2]
        if done + x.shape[1] > self.longest:
            raise BadInput(
                "this sequence is longer than the reader's places",
                f"{done + x.shape[1]} of {self.longest}",
                "build it with a larger longest",
            )
        rows = self.embed(x.long()) + self.place.weight[done : done + x.shape[1]]
        if told is not None:
            rows = rows + self.tell(told)[:, None]
        after: list[Tensor] = []
        for at, block in enumerate(self.blocks):
            assert isinstance(block, Block)
            asked, keys, values = block.parts(rows)
            if state is not None:
                keys = torch.cat([state[2 * at], keys], 2)
                values = torch.cat([state[2 * at + 1], values], 2)
            mask = torch.ones(x.shape[1], keys.shape[2], dtype=torch.bool, device=x.device).tril(done)
            seen = functional.scaled_dot_product_attention(
                asked, keys, values, mask if state is not None else None, is_causal=state is None
            )
            rows = block.close(rows, seen)
            after += [keys, values]
        return functional.linear(self.last(rows), self.embed.weight, self.shift), tuple(after)

    def steps(self, dtype: torch.dtype = torch.float32) -> Steps:
        """The same for single steps."""
        from simulacra.networks.transformer_steps import TransformerSteps

        return TransformerSteps.of(self, dtype)
