"""What a sampler is: it walks from noise to data, and says at which order its error falls with the steps."""

from __future__ import annotations

import abc
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.core.recorded import Recorded
from simulacra.diffusion.noise import Denoise as Denoise
from simulacra.diffusion.noise import Noise

Watch = Callable[[int, Tensor], None]
"""Called after each step with its number and where x stands."""


class Walk(Recorded):
    """So many steps, each from where the one before ended.

    Args:
        steps: of the walk.
    """

    def __init__(self, steps: int) -> None:
        if steps < 1:
            raise BadInput("a sampler takes a step at least", f"steps={steps}", "take steps=20 or more")
        self.steps = steps

    def along(self, step: Callable[[Tensor, int], Tensor], x: Tensor, watch: Watch | None) -> Tensor:
        """The end of the walk from x; `step` takes where it stands and the step's number, from 0."""
        for i in range(self.steps):
            x = step(x, i)
            if watch is not None:
                watch(i + 1, x)
        return x


@dataclass
class Way:
    """What the steps of one walk share.

    Args:
        denoise: the expected data, of x and a time.
        noise: the schedule.
        t: the time at which each step begins, (steps,).
        alpha: what is left of the signal at these times and, last, at the data, (steps + 1,).
        sigma: the standard deviation of the noise there, (steps + 1,).
        before: the data that the step before saw, for samplers that remember it; None at the first.
    """

    denoise: Denoise
    noise: Noise
    t: Float[Tensor, " steps"]
    alpha: Float[Tensor, " places"]
    sigma: Float[Tensor, " places"]
    before: Tensor | None = None

    @property
    def steps(self) -> int:
        """Their number."""
        return len(self.t)


class Sampler(Walk, abc.ABC):
    """A walk from noise to data along a schedule; each sampler is its `step`.

    Args:
        steps: of the walk.
    """

    order: ClassVar[int]
    """The power of the steps by which the error falls: of each path where chance has no part, else of expectations."""
    stochastic: bool = False
    """Whether fresh noise enters on the way."""
    calls: ClassVar[int] = 1
    """Calls of the network in a step."""

    def times(self, noise: Noise) -> Float[Tensor, " steps"]:
        """Where it stands, descending: by default as the schedule's authors have it."""
        return noise.times(self.steps)

    def start(self, noise: Noise, z: Tensor) -> Tensor:
        """Standard normal numbers brought to the spread that unit data have at the first of its times."""
        first = self.times(noise)[:1]
        return z * (noise.alpha(first) ** 2 + noise.sigma(first) ** 2).sqrt().to(z)

    def walk(self, denoise: Denoise, noise: Noise, x: Tensor, watch: Watch | None = None) -> Tensor:
        """From x at the first of its times to data; fresh noise from torch's global generator."""
        t = self.times(noise)
        return self.along(partial(self.step, Way(denoise, noise, t, *noise.levels(t))), x, watch)

    @abc.abstractmethod
    def step(self, way: Way, x: Tensor, i: int) -> Tensor:
        """From x at the level of step i to that of step i + 1; after the last step come the data."""


def towards(x: Tensor, data: Tensor, alpha: Tensor, sigma: Tensor, i: int) -> Tensor:
    """Along the straight line of x / alpha over sigma / alpha, from level i to level i + 1: exact if the data stand."""
    ratio = sigma[i + 1] / sigma[i]
    return ratio.to(x) * x + (alpha[i + 1] - alpha[i] * ratio).to(x) * data


def gaussian_denoiser(noise: Noise, mean: Tensor, variance: Tensor) -> Denoise:
    """The exact expected data where they are normal, entry by entry: the oracle of samplers."""

    def denoise(x: Tensor, t: Tensor) -> Tensor:
        alpha, sigma = noise.alpha(t).to(x), noise.sigma(t).to(x)
        return mean + alpha * variance / (alpha**2 * variance + sigma**2) * (x - alpha * mean)

    return denoise


def mixture_denoiser(noise: Noise, means: Tensor, variance: float) -> Denoise:
    """The exact expected data of equal round normal clusters about some places (K, D)."""

    def denoise(x: Tensor, t: Tensor) -> Tensor:
        alpha, sigma = noise.alpha(t).to(x), noise.sigma(t).to(x)
        whole = alpha**2 * variance + sigma**2
        away = x[:, None, :] - alpha * means
        weight = torch.softmax(-0.5 * away.square().sum(-1) / whole, dim=1)
        each = means + alpha * variance / whole * away
        return (weight[..., None] * each).sum(1)

    return denoise
