"""A reader of tokens with a long short-term memory."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from simulacra.networks.reader import Reader, State, Steps

ASIDE = True


class TokenReader(Reader):
    """Tokens, embedded, through LSTM layers to scores of the next one.

    What is told of a sequence is added to each of its embedded tokens; at first it adds nothing, so that a reader which
    has learned without goes on from where it stands. Letters: B sequences, L places, K tokens, G numbers told.

    Args:
        tokens: how many there are: K.
        embedding: features of a token.
        hidden: features of the state.
        layers: one upon the other.
        numbers: that are told of each sequence: G.

    References:
        Long short-term memory (Hochreiter & Schmidhuber, 1997), doi:10.1162/neco.1997.9.8.1735
    """

    def __init__(self, tokens: int, embedding: int = 48, hidden: int = 256, layers: int = 1, numbers: int = 0) -> None:
        super().__init__()
        self.tokens, self.told = tokens, numbers
        self.loud = embedding**0.5  # as an embedded token: what begins at nothing grows too slowly else
        self.embed = nn.Embedding(tokens, embedding)
        self.memory = nn.LSTM(embedding, hidden, layers, batch_first=True)
        self.readout = nn.Linear(hidden, tokens)
        if numbers:
            self.tell = nn.Linear(numbers, embedding)
            nn.init.zeros_(self.tell.weight)
            nn.init.zeros_(self.tell.bias)

    def forward(
        self, x: Int[Tensor, "B L"], state: State | None = None, told: Float[Tensor, "B G"] | None = None
    ) -> tuple[Float[Tensor, "B L K"], State]:
        """Scores of the token after each, and the state from which to go on."""
        rows = self.embed(x.long())
        if told is not None:
            rows = rows + self.loud * self.tell(told)[:, None]
        rows, after = self.memory(rows, None if state is None else (state[0], state[1]))
        return self.readout(rows), after

    def steps(self, dtype: torch.dtype = torch.float32) -> Steps:
        """The same for single steps."""
        from simulacra.networks.token_steps import TokenSteps

        return TokenSteps.of(self, dtype)
