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
from simulacra.diffusion.properties import Properties
from simulacra.models.base import Batch, Losses, Model
from simulacra.networks.reader import Reader, State, chosen
from simulacra.networks.token_reader import TokenReader
from simulacra.networks.token_search import nucleus

END = 0
HIDDEN = 0.5
"""Chance with which training hides each property of a string by itself."""


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
    nothing to the loss. Where it is conditioned on properties, training hides all of them from a share of the strings,
    and each of them, by a coin of its own, from the others: draws may be asked for any of them, or none (NaN). Letters:
    B strings, L places, K tokens, G numbers that are told.

    Args:
        network: tokens (B, L), its state and what is told (B, G) to the scores of the next token (B, L, K).
        length: tokens of a drawn string, at most: L.
        temperature: of the draws; 1 draws from the law that was learned.
        grammar: which tokens may follow in a draw; None lets all follow. Where none may, a string ends as it is.
        conditioning: properties of the strings; None for a model without.

    References:
        Generating focused molecule libraries for drug discovery with recurrent neural networks (Segler et al., 2018),
        doi:10.1021/acscentsci.7b00512
    """

    def __init__(
        self,
        network: Reader,
        length: int,
        temperature: float = 1.0,
        grammar: Grammar | None = None,
        conditioning: Properties | None = None,
    ) -> None:
        super().__init__()
        if length < 1 or temperature <= 0:
            raise BadInput(
                "strings have a place, and draws a temperature above 0",
                f"length={length}, temperature={temperature}",
                "take length=40, temperature=1.0",
            )
        if (conditioning.width if conditioning else 0) != network.told or (conditioning and conditioning.weight != 1):
            raise BadInput(
                "a reader is told two numbers of each property, and follows them as they are",
                f"told={network.told}, {len(conditioning.names) if conditioning else 0} properties",
                "take told=2 * properties, and weight=1.0",
            )
        self.network, self.length, self.temperature, self.grammar = network, length, temperature, grammar
        self.conditioning = conditioning
        self.conditions = self.free = conditioning is not None  # of this model, not of its class

    def lengths(self, data: Batch) -> Int[Tensor, " n"]:
        """Tokens of each string."""
        return (data.x != END).sum(-1).reshape(len(data), -1).amax(1)

    def loss(self, batch: Batch) -> Losses:
        """Nats a string; of strings in several ways (B, W, L), of one of them by chance."""
        x = batch.x
        if x.ndim == 3:
            x = x[torch.arange(len(x), device=x.device), (batch.uniform() * x.shape[1]).long()]
        if self.conditioning is None:
            return {"string": -self.log_prob(x)}
        names = self.conditioning.names
        hidden = (batch.uniform() < self.conditioning.dropped)[:, None] | (batch.uniform(len(names)) < HIDDEN)
        given = {name: batch.given[name].masked_fill(hidden[:, k], torch.nan) for k, name in enumerate(names)}
        return {"string": -self.log_prob(x, given)}

    def told(self, n: int, given: Mapping[str, Tensor] | None) -> Float[Tensor, "n G"] | None:
        """What the network is told of n strings; a property that is not given is not known. None without conditions."""
        if self.conditioning is None:
            return None
        unknown = torch.full((n,), torch.nan, device=self.device)
        full = {name: (given or {}).get(name, unknown).to(self.device) for name in self.conditioning.names}
        return self.conditioning.tell(full, torch.ones(n, dtype=torch.bool, device=self.device))

    def log_prob(self, x: Float[Tensor, "B L"], given: Mapping[str, Tensor] | None = None) -> Float[Tensor, " B"]:
        """How likely each string is, nats, under properties where they are given; 0 for one without a token."""
        tokens = x.long()
        lengths = (tokens != END).sum(1)
        longest = int(lengths.max())
        tokens = functional.pad(tokens, (0, 1))[:, : longest + 1]
        before = functional.pad(tokens, (1, 0))[:, :-1]
        scores, _ = self.network(before, None, self.told(len(x), given))
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
        told = self.told(n, given)
        for place in range(self.length):
            scores, state = self.network(last, state, told)
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
        given: Mapping[str, Tensor] | None = None,
        temperature: float | None = None,
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
            given: one value of each property, or n.
            temperature: another than the model's own.
        """
        if self.grammar is not None:
            raise BadInput("strings of a grammar are not drawn in a stream", type(self.grammar).__name__, "use sample")
        heat = self.temperature if temperature is None else temperature
        if not heat > 0:
            raise BadInput("draws have a temperature above 0", f"temperature={heat}", "take temperature=1.0")
        steps = self.network.steps(dtype)
        start = torch.zeros(1, dtype=torch.long) if begun is None else torch.cat([begun.new_zeros(1), begun]).long()
        values = max((len(value) for value in (given or {}).values()), default=1)
        told = self.told(values, given)

        def begin(of: Int[Tensor, " B"]) -> State:
            """The states of these strings before their first own token."""
            state = steps.begin(len(of), None if told is None else told[of])
            for token in start[:-1]:
                steps.step(token.expand(len(of)), state)
            return state

        first = begin(torch.zeros(1, dtype=torch.long)) if values == 1 else None
        which = torch.arange(min(width, n))
        rows, begun_by = len(which), len(which)
        state = begin(which) if first is None else tuple(part.repeat(rows, *[1] * (part.ndim - 1)) for part in first)
        last = start[-1:].repeat(rows)
        out = torch.zeros(n, self.length, dtype=torch.uint8 if self.network.tokens < 256 else torch.int16)
        own = torch.zeros(rows, self.length, dtype=out.dtype)
        head = len(start) - 1
        own[:, :head] = start[1:]
        at = torch.full((rows,), head)
        while rows:
            chances = (steps.step(last, state).float() / heat).softmax(1)
            last = torch.multinomial(nucleus(chances, top_p), 1)[:, 0]
            own[torch.arange(rows), at] = last.to(own.dtype)
            at += 1
            over = (last == END) | (at == self.length)
            if not over.any():
                continue
            done = over.nonzero()[:, 0]
            out[which[done]] = own[done]
            again, gone = done[: n - begun_by], done[n - begun_by :]
            if len(again):
                which[again] = torch.arange(begun_by, begun_by + len(again))
                begun_by += len(again)
                own[again, head:], at[again], last[again] = 0, head, start[-1]
                for part, fresh in zip(state, begin(which[again]) if first is None else first, strict=True):
                    part[again] = fresh
            if len(gone):
                kept = torch.ones(rows, dtype=torch.bool)
                kept[gone] = False
                state, last, own, at, which = chosen(state, kept), last[kept], own[kept], at[kept], which[kept]
                rows = len(last)
        return out.float()


def example() -> tuple[TokenSequence, Batch]:
    """The smallest one, and strings of two tokens."""
    x = torch.tensor([[1, 2, 1, 0, 0], [2, 2, 0, 0, 0], [1, 1, 1, 2, 3]]).repeat(4, 1)
    return TokenSequence(TokenReader(4, 6, 8), 5), Batch(x.float())
