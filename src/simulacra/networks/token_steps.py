"""One step of a reader of tokens after another, by hand: many times faster than the layers, and the same numbers."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

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
    """

    table: Float[Tensor, "K G"]
    first: Float[Tensor, "H G"]
    further: tuple[tuple[Tensor, Tensor], ...]
    readout: Float[Tensor, "H K"]
    shift: Float[Tensor, " K"]

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
        return cls(table.to(dtype), back.T.contiguous().to(dtype), further, readout.to(dtype), shift.to(dtype))

    def begin(self, n: int) -> Float[Tensor, "n S H"]:
        """The states before the first token: of each layer what it shows and what it keeps."""
        hidden = self.first.shape[0]
        return torch.zeros(n, 2 * (1 + len(self.further)), hidden, dtype=self.table.dtype, device=self.table.device)

    def step(self, last: Int[Tensor, " B"], state: Float[Tensor, "B S H"]) -> Float[Tensor, "B K"]:
        """Scores of the token after the last; the state goes on in place."""
        gates = torch.addmm(self.table[last], state[:, 0], self.first)
        below = _gated(gates, state, 0)
        for place, (product, added) in enumerate(self.further, 1):
            gates = torch.addmm(added, torch.cat([below, state[:, 2 * place]], 1), product)
            below = _gated(gates, state, 2 * place)
        return torch.addmm(self.shift, below, self.readout)


PARTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def _gated(gates: Float[Tensor, "B G"], state: Float[Tensor, "B S H"], at: int) -> Float[Tensor, "B H"]:
    """What a layer shows once its gates have changed what it keeps."""
    into, keep, new, out = gates.chunk(4, 1)
    kept = state[:, at + 1].mul_(keep.sigmoid_()).add_(into.sigmoid_() * new.tanh_())
    shown = out.sigmoid_().mul_(kept.tanh())
    state[:, at] = shown
    return shown
