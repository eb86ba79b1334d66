"""A reader of tokens with a long short-term memory."""

from __future__ import annotations

from jaxtyping import Float, Int
from torch import Tensor, nn

from simulacra.networks.base import Network

ASIDE = True
State = tuple[Tensor, Tensor]


class TokenReader(Network):
    """Tokens, embedded, through LSTM layers to scores of the next one.

    Letters: B sequences, L places, K tokens.

    Args:
        tokens: how many there are: K.
        embedding: features of a token.
        hidden: features of the state.
        layers: one upon the other.

    References:
        Long short-term memory (Hochreiter & Schmidhuber, 1997), doi:10.1162/neco.1997.9.8.1735
    """

    def __init__(self, tokens: int, embedding: int = 48, hidden: int = 256, layers: int = 1) -> None:
        super().__init__()
        self.tokens = tokens
        self.embed = nn.Embedding(tokens, embedding)
        self.memory = nn.LSTM(embedding, hidden, layers, batch_first=True)
        self.readout = nn.Linear(hidden, tokens)

    def forward(self, x: Int[Tensor, "B L"], state: State | None = None) -> tuple[Float[Tensor, "B L K"], State]:
        """Scores of the token after each, and the state from which to go on."""
        rows, after = self.memory(self.embed(x.long()), state)
        return self.readout(rows), after
