r"""Noise schedules: how a sample fades into noise, $x_t = \alpha_t x_0 + \sigma_t \varepsilon$ for t from 0 to 1.

All that samplers and losses need follows from $\alpha_t$ and $\sigma_t$: the logarithm of the signal-to-noise ratio
$\lambda_t = \log(\alpha_t^2 / \sigma_t^2)$, which falls with t; and the step from s to a later t, which is normal with
mean $\alpha_{t|s} x_s$, $\alpha_{t|s} = \alpha_t/\alpha_s$, and variance
$\sigma_{t|s}^2 = \sigma_t^2 - \alpha_{t|s}^2 \sigma_s^2$.
"""

from __future__ import annotations

import abc
import math
from collections.abc import Callable
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from simulacra.core.recorded import Recorded

Times = Float[Tensor, "..."]
Denoise = Callable[[Tensor, Tensor], Tensor]
"""x at a time, and the time (a float64 scalar), to the expected data, of the shape of x."""


class Noise(Recorded, abc.ABC):
    """How signal and noise share a sample at each time, 0 (data) to 1 (noise); float64 within."""

    last: ClassVar[float] = 1.0
    """The time from which sampling starts."""

    @abc.abstractmethod
    def alpha(self, t: Times) -> Times:
        """What is left of the signal."""

    @abc.abstractmethod
    def sigma(self, t: Times) -> Times:
        """The standard deviation of the noise."""

    def log_snr(self, t: Times) -> Times:
        """log of the signal-to-noise ratio."""
        return 2 * (self.alpha(t).log() - self.sigma(t).log())

    def times(self, steps: int) -> Float[Tensor, " steps"]:
        """Descending times at which a sampler of so many steps stands, float64; after the last come the data."""
        return self.last * (1 - torch.arange(steps, dtype=torch.float64) / steps)

    def levels(self, t: Float[Tensor, " steps"]) -> tuple[Times, Times]:
        """Alpha and sigma at some times and, last, at the data: 1 and 0, (steps + 1,)."""
        return torch.cat([self.alpha(t), t.new_ones(1)]), torch.cat([self.sigma(t), t.new_zeros(1)])

    def when(self, ratio: Times) -> Times:
        """The time at which noise over signal, sigma / alpha, has a value, by bisection between 0 and 1."""
        low, high = torch.zeros_like(ratio), torch.ones_like(ratio)
        for _ in range(60):
            middle = (low + high) / 2
            below = self.sigma(middle) / self.alpha(middle) < ratio
            low, high = torch.where(below, middle, low), torch.where(below, high, middle)
        return (low + high) / 2

    def spaced(self, steps: int, lowest: float = 0.002, highest: float = 200.0) -> Float[Tensor, " steps"]:
        r"""Descending times whose noise over signal is spaced as Karras et al. do: $(…)^7$ of evenly spaced numbers.

        Args:
            steps: how many.
            lowest: sigma / alpha at the last of them, in units of the data, unless the schedule ends above 1e-5.
            highest: at the first, or the schedule's own where that is smaller.
        """
        low, high = (end ** (1 / 7) for end in self.ratios(lowest, highest))
        return self.when(torch.linspace(high, low, max(steps, 2), dtype=torch.float64)[:steps] ** 7)

    def ratios(self, lowest: float = 0.002, highest: float = 200.0) -> tuple[float, float]:
        """The smallest and the largest noise over signal: as said, or the schedule's own where it has some."""
        ends = torch.tensor([0.0, self.last], dtype=torch.float64)
        own = self.sigma(ends) / self.alpha(ends)
        return float(own[0]) if own[0] > 1e-5 else lowest, min(highest, float(own[1]))


class VariancePreserving(Noise):
    r"""A schedule with $\alpha_t^2 + \sigma_t^2 = 1$."""

    @abc.abstractmethod
    def alpha_squared(self, t: Times) -> Times:
        r"""$\alpha_t^2$, the share of the signal in the variance."""

    def alpha(self, t: Times) -> Times:
        """What is left of the signal."""
        return self.alpha_squared(t).sqrt()

    def sigma(self, t: Times) -> Times:
        """The standard deviation of the noise."""
        return (1 - self.alpha_squared(t)).clamp(min=1e-12).sqrt()


class Linear(VariancePreserving):
    r"""Noise at a rate $\beta(t) = \beta_0 + t(\beta_1 - \beta_0)$: $\alpha_t^2 = \exp(-\int_0^t \beta)$.

    The limit of the thousand steps with variances from 1e-4 to 0.02 of the first diffusion models.

    Args:
        first: the rate at time 0.
        final: the rate at time 1.

    References:
        Denoising diffusion probabilistic models (Ho, Jain & Abbeel, 2020), arXiv:2006.11239
        Score-based generative modeling through stochastic differential equations (Song et al., 2021), arXiv:2011.13456
    """

    def __init__(self, first: float = 0.1, final: float = 20.0) -> None:
        self.first, self.final = first, final

    def alpha_squared(self, t: Times) -> Times:
        """exp of minus the integrated rate."""
        return torch.exp(-t * self.first - 0.5 * t**2 * (self.final - self.first))

    def sigma(self, t: Times) -> Times:
        """The standard deviation of the noise, exact near 0."""
        return (-torch.expm1(-t * self.first - 0.5 * t**2 * (self.final - self.first))).clamp(min=1e-12).sqrt()


class Cosine(VariancePreserving):
    r"""$\alpha_t = \cos(\tfrac\pi2 \tfrac{t + s}{1 + s}) / \cos(\tfrac\pi2 \tfrac{s}{1 + s})$: gentle at both ends.

    Args:
        offset: s, which keeps the first steps from being too small.
        last: the time from which sampling starts; at 1 no signal at all is left.

    References:
        Improved denoising diffusion probabilistic models (Nichol & Dhariwal, 2021), arXiv:2102.09672
    """

    last: ClassVar[float] = 0.9946  # where the authors' largest step variance, 0.999 in a thousand, is reached

    def __init__(self, offset: float = 0.008) -> None:
        self.offset = offset

    def alpha_squared(self, t: Times) -> Times:
        """The square of a cosine."""
        start = math.cos(0.5 * math.pi * self.offset / (1 + self.offset))
        return (torch.cos(0.5 * math.pi * (t + self.offset) / (1 + self.offset)) / start).square().clamp(1e-12, 1.0)


class Polynomial(VariancePreserving):
    r"""$\alpha_t^2 = (1 - 2 s)(1 - t^p)^2 + s$: of the molecules' diffusion.

    Args:
        power: p.
        precision: s, the variance of the noise at the start and of the signal at the end.

    References:
        Equivariant diffusion for molecule generation in 3D (Hoogeboom et al., 2022), arXiv:2203.17003
    """

    def __init__(self, power: float = 2.0, precision: float = 1e-5) -> None:
        self.power, self.precision = power, precision

    def alpha_squared(self, t: Times) -> Times:
        """A polynomial between the precision and one less the precision."""
        return (1 - 2 * self.precision) * (1 - t**self.power).square() + self.precision


class VarianceExploding(Noise):
    r"""The signal stays, $\alpha_t = 1$; the noise grows by Karras's law between two widths.

    $\sigma_t = (\sigma_0^{1/\rho} + t(\sigma_1^{1/\rho} - \sigma_0^{1/\rho}))^\rho$: even times are the steps as Karras
    et al. space them. After the smallest width come the data.

    Args:
        lowest: the smallest width that a network sees, in units of the data.
        highest: the largest.
        rho: how much closer the small widths lie.

    References:
        Elucidating the design space of diffusion-based generative models (Karras et al., 2022), arXiv:2206.00364
    """

    def __init__(self, lowest: float = 0.002, highest: float = 80.0, rho: float = 7.0) -> None:
        self.lowest, self.highest, self.rho = lowest, highest, rho

    def alpha(self, t: Times) -> Times:
        """One."""
        return torch.ones_like(t)

    def sigma(self, t: Times) -> Times:
        """The width."""
        low, high = self.lowest ** (1 / self.rho), self.highest ** (1 / self.rho)
        return torch.as_tensor((low + t * (high - low)) ** self.rho)

    def when(self, ratio: Times) -> Times:
        """The time at which the width has a value, in closed form: a training with lognormal widths asks every step."""
        low, high = self.lowest ** (1 / self.rho), self.highest ** (1 / self.rho)
        return torch.as_tensor((ratio ** (1 / self.rho) - low) / (high - low)).clamp(0.0, 1.0)

    def times(self, steps: int) -> Float[Tensor, " steps"]:
        """From the largest width to the smallest."""
        return torch.linspace(1.0, 0.0, max(steps, 2), dtype=torch.float64)[:steps]


class Flow(Noise):
    r"""Straight lines from data to noise: $\alpha_t = 1 - t$, $\sigma_t = t$.

    References:
        Flow straight and fast: learning to generate and transfer data with rectified flow (Liu, Gong & Liu, 2023),
        arXiv:2209.03003; Flow matching for generative modeling (Lipman et al., 2023), arXiv:2210.02747
    """

    def alpha(self, t: Times) -> Times:
        """What is left of the signal."""
        return (1 - t).clamp(min=1e-6)

    def sigma(self, t: Times) -> Times:
        """The share of the noise."""
        return t.clamp(min=1e-6)

    def when(self, ratio: Times) -> Times:
        """The time at which noise over signal has a value: r / (1 + r)."""
        return ratio / (1 + ratio)


def step(noise: Noise, s: Times, t: Times) -> tuple[Times, Times]:
    """From time s to a later t: what is left of x_s, and the variance that comes in."""
    kept = noise.alpha(t) / noise.alpha(s)
    return kept, (noise.sigma(t) ** 2 - kept**2 * noise.sigma(s) ** 2).clamp(min=0.0)
