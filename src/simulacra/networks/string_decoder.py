"""A reader of tokens that is told where the string lies."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from simulacra.networks.base import Network
from simulacra.networks.token_reader import TokenReader
from simulacra.networks.token_steps import TokenSteps

ASIDE = True


class StringDecoder(Network):
    """Tokens and a place in the latent space to scores of the next token.

    The place sets the first state of the memory, and is added to every token: what is said once may be forgotten.
    Letters: B strings, L places, K tokens, D latent features.

    Args:
        tokens: how many there are: K.
        latent: D.
        embedding: features of a token.
        hidden: features of the state.
        layers: one upon the other.
    """

    def __init__(self, tokens: int, latent: int, embedding: int = 64, hidden: int = 256, layers: int = 2) -> None:
        super().__init__()
        self.reader = TokenReader(tokens, embedding, hidden, layers)
        self.first = nn.Linear(latent, 2 * layers * hidden)
        self.beside = nn.Linear(latent, embedding)

    def begun(self, z: Float[Tensor, "B D"]) -> Float[Tensor, "B S H"]:
        """The state before the first token: of each layer what it shows and what it keeps, between -1 and 1."""
        memory = self.reader.memory
        return torch.tanh(self.first(z)).view(len(z), 2 * memory.num_layers, memory.hidden_size)

    def forward(self, x: Int[Tensor, "B L"], z: Float[Tensor, "B D"]) -> Float[Tensor, "B L K"]:
        """Scores of the token after each."""
        shown, kept = (
            part.transpose(0, 1).contiguous() for part in self.begun(z).view(len(z), -1, 2, self.hidden).unbind(2)
        )
        rows, _ = self.reader.memory(self.reader.embed(x) + self.beside(z)[:, None], (shown, kept))
        scores: Tensor = self.reader.readout(rows)
        return scores

    @property
    def hidden(self) -> int:
        """Features of the state."""
        return int(self.reader.memory.hidden_size)

    def steps(self, z: Float[Tensor, "B D"]) -> tuple[TokenSteps, tuple[Tensor, Tensor]]:
        """Single steps, and from where they go on: the memory, (B, S, H), and what its first layer is told."""
        into = self.reader.memory.weight_ih_l0
        return TokenSteps.of(self.reader), (self.begun(z).clone(), self.beside(z) @ into.T)
