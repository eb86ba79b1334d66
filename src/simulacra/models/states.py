"""States along a sequence: one-hot rows in which some are missing, and what a model says of mutants."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn import functional

ASIDE = True


def states_of(x: Float[Tensor, "B L"]) -> tuple[Int[Tensor, "B L"], Bool[Tensor, "B L"]]:
    """States as whole numbers, and which are there: a negative one is missing, and reads 0."""
    state = x.long()
    there = state >= 0
    return state.clamp(min=0), there


def one_hot(x: Float[Tensor, "B L"], states: int) -> Float[Tensor, "B LS"]:
    """A 1 at each state's place; a missing one has zeros alone."""
    state, there = states_of(x)
    hot = torch.zeros(*x.shape, states, device=x.device)
    hot.scatter_(2, state[..., None], there[..., None].float())
    return hot.flatten(1)


def log_likelihood(logits: Float[Tensor, "B L S"], x: Float[Tensor, "B L"]) -> Float[Tensor, " B"]:
    """The logarithm of the chance of each row's states, nats; what is missing adds nothing."""
    state, there = states_of(x)
    chance = functional.log_softmax(logits.float(), -1).gather(2, state[..., None])[..., 0]
    return (chance * there).sum(1)


def drawn(logits: Float[Tensor, "B L S"]) -> Float[Tensor, "B L"]:
    """A state at each place by its odds, through torch's global generator."""
    n, columns, states = logits.shape
    chance = functional.softmax(logits.float(), -1).reshape(-1, states)
    return torch.multinomial(chance, 1).reshape(n, columns).float()


def parts_of(x: Tensor, size: int) -> list[Tensor]:
    """Rows in parts of this size at most."""
    return [x[start : start + size] for start in range(0, len(x), size)]


@runtime_checkable
class Scoring(Protocol):
    """A model that says how much less likely mutants are than the sequence that they come from."""

    def log_odds(
        self, wild: Float[Tensor, " L"], mutants: Float[Tensor, "M L"]
    ) -> tuple[Float[Tensor, " M"], Float[Tensor, " M"]]:
        r"""$\log p(\text{mutant}) - \log p(\text{wild type})$, nats, and its Monte Carlo standard error."""
        ...
