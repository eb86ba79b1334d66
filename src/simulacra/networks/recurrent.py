"""Long short-term memory: one row of numbers after another, with a state that remembers."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from simulacra.networks.base import Network

State = tuple[Tensor, Tensor]


class Recurrent(Network):
    """LSTM layers, and one linear layer that reads the state after each row.

    Letters: B sequences, T rows, F features in, E features out.

    Args:
        inputs: features in, F.
        hidden: features of the state.
        outputs: features out, E.
        layers: LSTM layers, one upon the other.

    References:
        Long short-term memory (Hochreiter & Schmidhuber, 1997), doi:10.1162/neco.1997.9.8.1735
    """

    def __init__(self, inputs: int, hidden: int, outputs: int, layers: int = 1) -> None:
        super().__init__()
        self.memory = nn.LSTM(inputs, hidden, layers, batch_first=True)
        self.readout = nn.Linear(hidden, outputs)

    def forward(self, x: Float[Tensor, "B T F"]) -> Float[Tensor, "B T E"]:
        """What is read after each row, from an empty state."""
        out: Tensor = self.readout(self.memory(x)[0])
        return out

    def last(self, x: Float[Tensor, "B T F"]) -> Float[Tensor, "B E"]:
        """What is read after the last row alone."""
        out: Tensor = self.readout(self.memory(x)[0][:, -1])
        return out

    def go_on(self, x: Float[Tensor, "B T F"], state: State | None = None) -> tuple[Float[Tensor, "B E"], State]:
        """What is read after the last row, and the state from which further rows go on."""
        rows, state = self.memory(x, state)
        return self.readout(rows[:, -1]), state


def example() -> tuple[Recurrent, tuple[Tensor, ...]]:
    """The smallest one."""
    return Recurrent(2, 8, 3), (torch.randn(5, 6, 2),)
