"""What reads strings of tokens: the scores of the next one, of all places at once or step by step."""

from __future__ import annotations

import abc
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from simulacra.networks.base import Network

ASIDE = True
State = tuple[Tensor, ...]
"""What is remembered of strings that are under way; the first axis of each part counts them."""


@runtime_checkable
class Steps(Protocol):
    """A reader laid out for single steps; strings that are under way may be at different places."""

    def begin(self, n: int, told: Float[Tensor, "n G"] | None = None) -> State:
        """The states before the first token."""
        ...

    def step(self, last: Int[Tensor, " B"], state: State) -> Float[Tensor, "B K"]:
        """Scores of the token after the last; the state goes on in place."""
        ...


class Reader(Network, abc.ABC):
    """Tokens to scores of the next one.

    Letters: B sequences, L places, K tokens, G numbers that are told of each sequence.
    """

    tokens: int
    """How many there are: K."""
    told: int
    """Numbers that are told of each sequence: G; 0 for none."""

    @abc.abstractmethod
    def forward(
        self, x: Int[Tensor, "B L"], state: State | None = None, told: Float[Tensor, "B G"] | None = None
    ) -> tuple[Float[Tensor, "B L K"], State]:
        """Scores of the token after each, and the state from which to go on."""

    @abc.abstractmethod
    def steps(self, dtype: torch.dtype = torch.float32) -> Steps:
        """The same for single steps, in this precision; the weights are taken as they stand."""


def chosen(state: State, rows: Tensor) -> State:
    """The states of some of the strings, by place or by mask."""
    return tuple(part[rows] for part in state)
