"""Series one value at a time, with a long short-term memory of what came before."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.models.base import Batch, Losses, Model
from simulacra.networks.recurrent import Recurrent, State

YEAR = 365.2425  # days
CALENDAR = 4  # cosine and sine of one and two turns a year
INPUTS = 2 + CALENDAR  # the last value, whether there was one, and the calendar of the day to come


class LSTM(Model):
    r"""Autoregressive density $p(x) = \prod_t p(x_t \mid x_{<t}, \text{day}_t)$ of daily series.

    Each factor is a mixture of K normal laws of equal weight, whose means and widths the network reads from its memory
    of the values before and from the season of the day in question. A value that was not measured (mask) adds nothing
    to the loss, and its place in the memory is taken by a mark. Letters: B series, T days, K parts.

    Args:
        network: from (B, T, 6) to (B, T, 2 K): means and logarithms of the widths.
        days: length T of the series that `sample` draws.
        parts: normal laws in the mixture, K.

    References:
        Generating sequences with recurrent neural networks (Graves, 2013), arXiv:1308.0850;
        Mixture density networks (Bishop, 1994), NCRG/94/004
    """

    conditions: ClassVar[bool] = True

    def __init__(self, network: Recurrent, days: int, parts: int = 3) -> None:
        super().__init__()
        self.network, self.days, self.parts = network, days, parts

    def law(self, out: Float[Tensor, "... E"]) -> tuple[Float[Tensor, "... K"], Float[Tensor, "... K"]]:
        """Means and widths from what the network reads; the parts start apart from each other."""
        mu, log_sigma = out.chunk(2, dim=-1)
        apart = torch.linspace(-0.5, 0.5, self.parts, device=out.device) if self.parts > 1 else mu.new_zeros(1)
        return mu + apart, log_sigma.clamp(-7.0, 7.0).exp()

    def log_prob(
        self, x: Float[Tensor, "B T"], start: Float[Tensor, " B"], mask: Bool[Tensor, "B T"] | None = None
    ) -> Float[Tensor, " B"]:
        """log p(x), nats a series; of the measured values alone where a mask is given."""
        seen = torch.ones_like(x, dtype=torch.bool) if mask is None else mask
        value = torch.where(seen, x, 0.0)
        before = torch.cat([value.new_zeros(len(x), 1), value[:, :-1]], dim=1)
        known = torch.cat([torch.zeros_like(seen[:, :1]), seen[:, :-1]], dim=1)
        mu, sigma = self.law(self.network(self.rows(before, known, start)))
        z = (value[..., None] - mu) / sigma
        factors = torch.logsumexp(-0.5 * z.square() - sigma.log(), -1) - math.log(self.parts * math.sqrt(2 * math.pi))
        return torch.where(seen, factors, 0.0).sum(1)

    def rows(
        self, before: Float[Tensor, "B T"], known: Bool[Tensor, "B T"], start: Float[Tensor, " B"]
    ) -> Float[Tensor, "B T 6"]:
        """What the network sees before each value: the one before, whether it was measured, the day's season."""
        day = start[:, None] + torch.arange(before.shape[1], device=before.device)
        turns = 2 * math.pi * day / YEAR
        season = [torch.cos(turns), torch.sin(turns), torch.cos(2 * turns), torch.sin(2 * turns)]
        return torch.stack([before, known.to(before.dtype), *(wave.to(before.dtype) for wave in season)], dim=-1)

    def loss(self, batch: Batch) -> Losses:
        """Nats a measured value."""
        mask = batch.mask
        count = batch.x.shape[1] if mask is None else mask.sum(1).clamp(min=1)
        return {"surprise": -self.log_prob(batch.x, self._start(batch.given), mask) / count}

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n series of T days, drawn value after value; `given["start"]` is the first day, in days since 1970-01-01."""
        start = self._start(given or {})[:n].to(self.device)
        return Batch(self.walk(None, start, self.days)[0], {"start": start})

    @torch.no_grad()
    def walk(
        self, past: Batch | None, start: Float[Tensor, " B"], days: int
    ) -> tuple[Float[Tensor, "B H"], Float[Tensor, "B H K"], Float[Tensor, "B H K"]]:
        """Paths that go on from a past, by torch's global generator, with the law from which each value was drawn.

        Args:
            past: values (B, T) that end on the day before the walk begins, with their mask; None if there is none.
            start: the first day of the walk, in days since 1970-01-01.
            days: length of the walk, H.
        """
        n = len(start)
        value = torch.zeros(n, 1, device=self.device)
        known = torch.zeros(n, 1, dtype=torch.bool, device=self.device)
        state: State | None = None
        out = None
        if past is not None:
            seen = torch.ones_like(past.x, dtype=torch.bool) if past.mask is None else past.mask
            value = torch.cat([value, torch.where(seen, past.x, 0.0)], dim=1)
            known = torch.cat([known, seen], dim=1)
        first = start - (value.shape[1] - 1)
        out, state = self.network.go_on(self.rows(value, known, first), state)
        drawn, means, widths = [], [], []
        for day in range(days):
            mu, sigma = self.law(out)
            part = torch.randint(self.parts, (n, 1), device=self.device)
            normal = torch.randn(n, 1, device=self.device)
            value = mu.gather(1, part) + sigma.gather(1, part) * normal
            drawn.append(value)
            means.append(mu)
            widths.append(sigma)
            if day + 1 < days:
                conditioning = self.rows(value, torch.ones_like(value, dtype=torch.bool), start + day + 1)
                out, state = self.network.go_on(conditioning, state)
        return torch.cat(drawn, dim=1), torch.stack(means, dim=1), torch.stack(widths, dim=1)

    def _start(self, given: Mapping[str, Tensor]) -> Float[Tensor, " B"]:
        if "start" not in given:
            raise BadInput(
                "the season of a series is given by its first day",
                ", ".join(given) or "nothing given",
                'give start=days since 1970-01-01, such as given={"start": …}',
            )
        return given["start"].double()


class NextValue(Model):
    """The value after a window of W values: its mean and nothing else, by least squares.

    Args:
        network: reads (B, W, 1); its last output (B, 1) is the mean of the value to come.
    """

    def __init__(self, network: Recurrent) -> None:
        super().__init__()
        self.network = network

    def predict(self, window: Float[Tensor, "B W"]) -> Float[Tensor, " B"]:
        """The mean of the next value."""
        return self.network.last(window[..., None])[:, 0]

    def loss(self, batch: Batch) -> Losses:
        """Squared error of the last column of x (B, W + 1), given from those before it."""
        return {"squared error": (self.predict(batch.x[:, :-1]) - batch.x[:, -1]).square()}

    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """Nothing: a mean is no law."""
        raise BadInput("this model gives a mean and no law: there is nothing to draw from", "NextValue", "take LSTM")


def example() -> tuple[LSTM, Batch]:
    """The smallest one: `simulacra show` prints it, the tests for every model run it."""
    x = torch.randn(32, 9).cumsum(1) / 3
    given = {"start": torch.arange(32, dtype=torch.float64) * 11}
    return LSTM(Recurrent(INPUTS, 8, 4), days=9, parts=2), Batch(x, given)
