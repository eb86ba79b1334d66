"""A language model of strings: a recurrent network spells molecules one token after another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.models.base import Batch, Losses, Model
from simulacra.networks.token_reader import TokenReader
from simulacra.networks.token_search import nucleus
from simulacra.networks.token_steps import TokenSteps

END = 0


@runtime_checkable
class Place(Protocol):
    """Where strings are, of which some tokens are spelled."""

    def allowed(self) -> Bool[np.ndarray, "B K"]:
        """Which tokens may follow."""
        ...

    def take(self, tokens: Int[np.ndarray, " B"]) -> None:
        """Go on by one token each."""
        ...


@runtime_checkable
class Grammar(Protocol):
    """What strings may look like."""

    def begin(self, n: int) -> Place:
        """n strings before their first token."""
        ...


class TokenSequence(Model):
    r"""Density $p(s) = \prod_t p(s_t \mid s_{<t})$ of strings of tokens, each ended by the token 0.

    A batch holds tokens (B, L), zeros behind the end of each string. A string without a token is no sample: it adds
    nothing to the loss. Letters: B strings, L places, K tokens.

    Args:
        network: tokens (B, L), and its state, to the scores of the next token (B, L, K).
        length: tokens of a drawn string, at most: L.
        temperature: of the draws; 1 draws from the law that was learned.
        grammar: which tokens may follow in a draw; None lets all follow. Where none may, a string ends as it is.

    References:
        Generating focused molecule libraries for drug discovery with recurrent neural networks (Segler et al., 2018),
        doi:10.1021/acscentsci.7b00512
    """

    def __init__(
        self, network: TokenReader, length: int, temperature: float = 1.0, grammar: Grammar | None = None
    ) -> None:
        super().__init__()
        if length < 1 or temperature <= 0:
            raise BadInput(
                "strings have a place, and draws a temperature above 0",
                f"length={length}, temperature={temperature}",
                "take length=40, temperature=1.0",
            )
        self.network, self.length, self.temperature, self.grammar = network, length, temperature, grammar

    def lengths(self, data: Batch) -> Int[Tensor, " n"]:
        """Tokens of each string."""
        return (data.x != END).sum(1)

    def loss(self, batch: Batch) -> Losses:
        """Nats a string."""
        return {"string": -self.log_prob(batch.x)}

    def log_prob(self, x: Float[Tensor, "B L"]) -> Float[Tensor, " B"]:
        """How likely each string is, nats; 0 for one without a token."""
        tokens = x.long()
        lengths = (tokens != END).sum(1)
        longest = int(lengths.max())
        tokens = functional.pad(tokens, (0, 1))[:, : longest + 1]
        before = functional.pad(tokens, (1, 0))[:, :-1]
        scores, _ = self.network(before)
        cost = functional.cross_entropy(scores.float().transpose(1, 2), tokens, reduction="none")
        counted = torch.arange(longest + 1, device=x.device) <= lengths[:, None]
        return -(cost * counted).sum(1) * (lengths > 0)

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n strings of tokens; one that has not ended in time is cut."""
        drawn = torch.zeros(n, self.length, dtype=torch.long, device=self.device)
        last = torch.zeros(n, 1, dtype=torch.long, device=self.device)
        going = torch.ones(n, dtype=torch.bool, device=self.device)
        state, where = None, self.grammar.begin(n) if self.grammar else None
        for place in range(self.length):
            scores, state = self.network(last, state)
            logits = scores[:, -1].float() / self.temperature
            if where is not None:
                may = torch.from_numpy(where.allowed()).to(logits.device)
                may[:, END] |= ~may.any(1)
                logits = logits.masked_fill(~may, -torch.inf)
            last = torch.multinomial(logits.softmax(1), 1)
            last = torch.where(going[:, None], last, END)
            if where is not None:
                where.take(last[:, 0].cpu().numpy())
            drawn[:, place] = last[:, 0]
            going = going & (last[:, 0] != END)
            if not going.any():
                break
        return Batch(drawn.to(torch.float32))

    @torch.no_grad()
    def stream(
        self,
        n: int,
        width: int = 1024,
        dtype: torch.dtype = torch.bfloat16,
        begun: Int[Tensor, " P"] | None = None,
        top_p: float = 1.0,
    ) -> Float[Tensor, "n L"]:
        """n strings of tokens as `sample` gives them, many times faster.

        So many are under way at a time; where one ends, the next begins in its place, until n have begun. By torch's
        global generator.

        Args:
            n: how many.
            width: strings under way at a time.
            dtype: of the arithmetic; bfloat16 is twice as fast as float32.
            begun: tokens that all of them begin with.
            top_p: draw each token from the likeliest ones that hold this share of the chance.
        """
        if self.grammar is not None:
            raise BadInput("strings of a grammar are not drawn in a stream", type(self.grammar).__name__, "use sample")
        steps = TokenSteps.of(self.network, dtype)
        start = torch.zeros(1, dtype=torch.long) if begun is None else torch.cat([begun.new_zeros(1), begun]).long()
        first = steps.begin(1)
        for token in start[:-1]:
            steps.step(token[None], first)
        rows = min(width, n)
        state, last = first.repeat(rows, 1, 1), start[-1:].repeat(rows)
        own = torch.zeros(rows, self.length, dtype=torch.uint8 if self.network.tokens < 256 else torch.int16)
        head, waiting, out = len(start) - 1, n - rows, []
        own[:, :head] = start[1:]
        at = torch.full((rows,), head)
        while rows:
            chances = (steps.step(last, state).float() / self.temperature).softmax(1)
            last = torch.multinomial(nucleus(chances, top_p), 1)[:, 0]
            own[torch.arange(rows), at] = last.to(own.dtype)
            at += 1
            over = (last == END) | (at == self.length)
            if not over.any():
                continue
            done = over.nonzero()[:, 0]
            out.append(own[done])
            again, gone = done[:waiting], done[waiting:]
            waiting -= len(again)
            own[again, head:], at[again], last[again], state[again] = 0, head, start[-1], first
            if len(gone):
                kept = torch.ones(rows, dtype=torch.bool)
                kept[gone] = False
                state, last, own, at = state[kept], last[kept], own[kept], at[kept]
                rows = len(last)
        return torch.cat(out)[torch.randperm(n)].float()  # short ones end first: no part of them may be told apart


def example() -> tuple[TokenSequence, Batch]:
    """The smallest one, and strings of two tokens."""
    x = torch.tensor([[1, 2, 1, 0, 0], [2, 2, 0, 0, 0], [1, 1, 1, 2, 3]]).repeat(4, 1)
    return TokenSequence(TokenReader(4, 6, 8), 5), Batch(x.float())
