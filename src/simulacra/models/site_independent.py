"""Sequences whose columns know nothing of each other: counting letters."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from simulacra.models.base import Batch, Losses, Model
from simulacra.models.states import drawn, log_likelihood, one_hot


class SiteIndependent(Model):
    r"""$p(x) = \prod_i f_i(x_i)$ with the frequencies of the training set, which `count` sets in one look.

    Letters: B sequences, L columns, S states; a negative state is missing.

    Args:
        columns: L.
        states: S.
        pseudocount: added to each count; the first look at the data needs some, or a letter that was never seen is
            impossible.

    References:
        Mutation effects predicted from sequence co-variation (Hopf et al., 2017), doi:10.1038/nbt.3769
    """

    def __init__(self, columns: int, states: int, pseudocount: float = 0.5) -> None:
        super().__init__()
        self.columns, self.states, self.pseudocount = columns, states, pseudocount
        self.logits = nn.Parameter(torch.randn(columns, states))

    def count(self, data: Batch) -> None:
        """The frequencies of the training set."""
        counts = one_hot(data.x, self.states).sum(0).view(self.columns, self.states) + self.pseudocount
        with torch.no_grad():
            self.logits.copy_((counts / counts.sum(1, keepdim=True)).log())

    def loss(self, batch: Batch) -> Losses:
        """Minus the log-chance of each sequence, nats."""
        return {"surprise": -log_likelihood(self.logits.expand(len(batch), -1, -1), batch.x)}

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n sequences, each column by itself."""
        return Batch(drawn(self.logits.expand(n, -1, -1)))

    @torch.no_grad()
    def log_odds(
        self, wild: Float[Tensor, " L"], mutants: Float[Tensor, "M L"]
    ) -> tuple[Float[Tensor, " M"], Float[Tensor, " M"]]:
        """Exact, so without an error."""
        chance = functional.log_softmax(self.logits, -1).flatten()
        score = (one_hot(mutants, self.states) - one_hot(wild[None], self.states)) @ chance
        return score, torch.zeros_like(score)


def example() -> tuple[SiteIndependent, Batch]:
    """The smallest one: the docs print it, the tests for every model run it."""
    return SiteIndependent(6, 4), Batch(torch.randint(0, 4, (32, 6)).float())
