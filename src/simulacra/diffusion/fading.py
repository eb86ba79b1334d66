"""Discrete schedules: which share of the sites still shows its own category at each time."""

from __future__ import annotations

import abc
import math

import torch
from jaxtyping import Float
from torch import Tensor

from simulacra.core.recorded import Recorded

Times = Float[Tensor, "..."]


class Fading(Recorded, abc.ABC):
    r"""The kept share $\bar\alpha_t$, from 1 at t = 0 (data) to 0 at t = 1 (nothing left of them)."""

    @abc.abstractmethod
    def kept(self, t: Times) -> Times:
        """The share at a time; float64."""

    @abc.abstractmethod
    def when(self, kept: Times) -> Times:
        """The time at which so much is kept."""

    def times(self, steps: int) -> Float[Tensor, " places"]:
        """Times of a walk of so many steps, even and descending, 1 and 0 included."""
        return torch.linspace(1, 0, steps + 1, dtype=torch.float64)


class Even(Fading):
    r"""$\bar\alpha_t = 1 - t$: with absorbing noise as many sites fade in each step, on the mean.

    In T steps the chance of a site to fade at step i is 1/(T - i + 1): the schedule by mutual information of the
    article on discrete diffusion, for absorbing noise.

    References:
        Structured denoising diffusion models in discrete state-spaces (Austin et al., 2021), arXiv:2107.03006
    """

    def kept(self, t: Times) -> Times:
        """Falling evenly."""
        return 1 - t.double()

    def when(self, kept: Times) -> Times:
        """One minus the share."""
        return 1 - kept.double()


class Wave(Fading):
    r"""$\bar\alpha_t = \cos^2(\pi t / 2)$: slow at both ends.

    References:
        Improved denoising diffusion probabilistic models (Nichol & Dhariwal, 2021), arXiv:2102.09672
        Argmax flows and multinomial diffusion: learning categorical distributions (Hoogeboom et al., 2021),
        arXiv:2102.05379
    """

    def kept(self, t: Times) -> Times:
        """The square of a quarter of a cosine; 0 at t = 1, not what rounding leaves of it."""
        t = t.double()
        return torch.where(t >= 1, 0.0, (math.pi / 2 * t).cos() ** 2)

    def when(self, kept: Times) -> Times:
        """The arc of its root."""
        return kept.double().sqrt().clamp(0, 1).acos() * (2 / math.pi)


class Late(Fading):
    r"""$\bar\alpha_t = 1 - t^2$: a walk's steps grow shorter towards the data, where each one decides more.

    References:
        DeFoG: discrete flow matching for graph generation (Qin et al., 2024), arXiv:2410.04263
    """

    def kept(self, t: Times) -> Times:
        """One minus the square."""
        return 1 - t.double() ** 2

    def when(self, kept: Times) -> Times:
        """The root of the share lost."""
        return (1 - kept.double()).clamp(min=0).sqrt()
