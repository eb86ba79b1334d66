"""Molecular graphs by their strings: a recurrent network spells one, and what it spells is the graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

from simulacra.core.recorded import Recorded
from simulacra.models.base import Batch, Losses, Model
from simulacra.models.token_sequence import TokenSequence
from simulacra.models.token_sequence import example as strings_example


@runtime_checkable
class Spells(Protocol):
    """How tokens spell graphs."""

    def spell(self, tokens: Float[Tensor, "B L"]) -> Float[Tensor, "B rows columns"]:
        """The graphs that tokens spell, with the tokens in the last column."""
        ...


class SpelledGraphs(Model):
    r"""Density $p(s)$ of the string that spells a graph; a string that spells none is a graph without nodes.

    Such failures stay among the draws, where judges see them. A batch's x holds rows (B, R, N + 1): the graph's matrix,
    and tokens in the last column, the first in the first row.

    Args:
        strings: draws tokens.
        spelling: from tokens to graphs.

    References:
        Generating focused molecule libraries for drug discovery with recurrent neural networks (Segler et al., 2018),
        doi:10.1021/acscentsci.7b00512
    """

    def __init__(self, strings: TokenSequence, spelling: Spells) -> None:
        super().__init__()
        self.strings, self.spelling = strings, spelling

    def loss(self, batch: Batch) -> Losses:
        """Nats a string."""
        return self.strings.loss(Batch(batch.x[..., -1], noise=batch.noise))

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n graphs, each by one string."""
        return Batch(self.spelling.spell(self.strings.sample(n).x))


class Rows(Recorded):
    """Each string spells a graph of as many nodes as it has tokens, without edges."""

    def spell(self, tokens: Tensor) -> Tensor:
        """Diagonals of tokens, and the tokens."""
        return torch.cat([torch.diag_embed(tokens), tokens[..., None]], 2)


def example() -> tuple[SpelledGraphs, Batch]:
    """The smallest one, and strings of two tokens."""
    strings, tokens = strings_example()
    return SpelledGraphs(strings, Rows()), Batch(Rows().spell(tokens.x))
