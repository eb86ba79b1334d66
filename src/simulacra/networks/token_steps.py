"""One step of a reader of tokens after another, by hand: many times faster than the layers, and the same numbers."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from simulacra.networks.reader import State
from simulacra.networks.token_reader import TokenReader

ASIDE = True


@dataclass(frozen=True, eq=False)
class TokenSteps:
    """The weights of a `TokenReader`, laid out for single steps.

    What the first layer makes of a token is looked up in a table; each further layer is one product. Letters: B
    sequences, K tokens, H features of the state, 4 H gates.

    Args:
        table: of tokens to the first layer's gates, (K, 4 H).
        first: of the first layer's state to its gates, (H, 4 H).
        further: of each further layer: of the state below and its own, side by side, to its gates (2 H, 4 H); and what
            is added.
        readout: of the last state to scores, (H, K).
        shift: added to the scores, (K,).
        telling: of the numbers that are told to the first layer's gates, and what is added to these (G, 4 H), (4 H,);
            None where none are told.
    """

    table: Float[Tensor, "K G"]
    first: Float[Tensor, "H G"]
    further: tuple[tuple[Tensor, Tensor], ...]
    readout: Float[Tensor, "H K"]
    shift: Float[Tensor, " K"]
    telling: tuple[Tensor, Tensor] | None = None

    @classmethod
    @torch.no_grad()
    def of(cls, reader: TokenReader, dtype: torch.dtype = torch.float32) -> TokenSteps:
        """The steps of a reader, in this precision."""
        memory = reader.memory
        assert isinstance(memory, nn.LSTM)
        own = [[getattr(memory, f"{name}_l{k}") for name in PARTS] for k in range(memory.num_layers)]
        into, back, *added = own[0]
        table = reader.embed.weight @ into.T + added[0] + added[1]
        further = tuple((torch.cat([w, u], 1).T.contiguous().to(dtype), (b + d).to(dtype)) for w, u, b, d in own[1:])
        readout, shift = reader.readout.weight.T.contiguous(), reader.readout.bias
        telling = None
        if reader.told:
            weight, moved = reader.loud * (into @ reader.tell.weight).T, reader.loud * (into @ reader.tell.bias)
            telling = weight.to(dtype), moved.to(dtype)
        return cls(table.to(dtype), back.T.contiguous().to(dtype), further, readout.to(dtype), shift.to(dtype), telling)

    def begin(self, n: int, told: Float[Tensor, "n G"] | None = None) -> State:
        """Before the first token: of each layer what it shows and what it keeps (n, S, H); what is told (n, 4 H)."""
        hidden, like = self.first.shape[0], self.table
        memory = torch.zeros(n, 2 * (1 + len(self.further)), hidden, dtype=like.dtype, device=like.device)
        if told is None or self.telling is None:
            return (memory,)
        return memory, torch.addmm(self.telling[1], told.to(like), self.telling[0])

    def step(self, last: Int[Tensor, " B"], state: State) -> Float[Tensor, "B K"]:
        """Scores of the token after the last; the state goes on in place."""
        memory, *told = state
        gates = torch.addmm(self.table[last] + told[0] if told else self.table[last], memory[:, 0], self.first)
        below = _gated(gates, memory, 0)
        for place, (product, added) in enumerate(self.further, 1):
            gates = torch.addmm(added, torch.cat([below, memory[:, 2 * place]], 1), product)
            below = _gated(gates, memory, 2 * place)
        return torch.addmm(self.shift, below, self.readout)


PARTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def _gated(gates: Float[Tensor, "B G"], state: Float[Tensor, "B S H"], at: int) -> Float[Tensor, "B H"]:
    """What a layer shows once its gates have changed what it keeps."""
    into, keep, new, out = gates.chunk(4, 1)
    kept = state[:, at + 1].mul_(keep.sigmoid_()).add_(into.sigmoid_() * new.tanh_())
    shown = out.sigmoid_().mul_(kept.tanh())
    state[:, at] = shown
    return shown
