"""Heun's method on the probability-flow equation, with or without fresh noise between the steps."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.diffusion.noise import Noise
from simulacra.samplers.base import Sampler, Way


class Heun(Sampler):
    r"""Algorithms 1 and 2 of Karras et al., for any schedule.

    With $y = x/\alpha$ and $s = \sigma/\alpha$ every schedule has the equation $dy/ds = (y - D)/s$. A step goes down by
    Euler's rule and is mended with the slope at its end (but for the last, whose end has none). With churn, noise is
    added before each step, so that s grows by a share of at most $\sqrt2 - 1$: this forgets errors of the steps before.

    Args:
        steps: of the walk; each but the last calls the network twice.
        churn: fresh noise over the whole walk, S_churn of the paper; 0 is algorithm 1.
        lowest: smallest s at which noise is added, S_min.
        highest: largest, S_max.
        inflation: of the fresh noise, S_noise.

    References:
        Elucidating the design space of diffusion-based generative models (Karras et al., 2022), arXiv:2206.00364
    """

    order: ClassVar[int] = 2
    calls: ClassVar[int] = 2

    def __init__(
        self,
        steps: int = 18,
        churn: float = 0.0,
        lowest: float = 0.0,
        highest: float = math.inf,
        inflation: float = 1.0,
    ) -> None:
        super().__init__(steps)
        if churn < 0 or lowest < 0 or highest < lowest or inflation < 0:
            raise BadInput(
                "churn is not negative, and lowest is below highest",
                f"churn={churn}, lowest={lowest}, highest={highest}, inflation={inflation}",
                "take churn=0.0",
            )
        self.churn, self.lowest, self.highest, self.inflation = churn, lowest, highest, inflation

    def times(self, noise: Noise) -> Float[Tensor, " steps"]:
        """As Karras et al. space them: close where there is little noise, whatever the schedule."""
        return noise.spaced(self.steps)

    def step(self, way: Way, x: Tensor, i: int) -> Tensor:
        """Down by Euler's rule and mended at the end, after noise was added where churn is asked for."""
        alpha, ratio = way.alpha, way.sigma / way.alpha
        s, end, time, signal = ratio[i], ratio[i + 1], way.t[i], alpha[i]
        y = x / signal.to(x)
        if self.churn and self.lowest <= s <= self.highest:
            more = min(self.churn / self.steps, math.sqrt(2) - 1)
            grown = torch.minimum(s * (1 + more), ratio[0].clamp(min=s))
            y = y + self.inflation * (grown**2 - s**2).clamp(min=0.0).sqrt().to(x) * torch.randn_like(y)
            s, time = grown, way.noise.when(grown)
            signal = way.noise.alpha(time)
        slope = (y - way.denoise(signal.to(x) * y, time)) / s.to(x)
        down = (end - s).to(x)
        if end > 0:
            there = y + down * slope
            other = (there - way.denoise(alpha[i + 1].to(x) * there, way.t[i + 1])) / end.to(x)
            slope = 0.5 * (slope + other)
        return alpha[i + 1].to(x) * (y + down * slope)
