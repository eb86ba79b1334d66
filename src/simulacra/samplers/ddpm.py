"""Ancestral sampling: each step draws from the posterior of the one before, as diffusion models began."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.diffusion.noise import step as between
from simulacra.samplers.base import Sampler, Way


class DDPM(Sampler):
    r"""Algorithm 2 of the paper: $x_s \sim \mathcal N(\mu(x_t, D(x_t)), v)$ with the posterior's mean.

    $\mu = \frac{\alpha_{t|s}\sigma_s^2}{\sigma_t^2} x_t + \frac{\alpha_s \sigma_{t|s}^2}{\sigma_t^2} D$; the variance
    lies between the posterior's, $\sigma_s^2\sigma_{t|s}^2/\sigma_t^2$, right where data are a single point, and the
    step's own, $\sigma_{t|s}^2$, right where they are standard normal. The last step adds no noise.

    Args:
        steps: of the walk.
        width: 0 takes the posterior's variance, 1 the step's own; between, their geometric mean.

    References:
        Denoising diffusion probabilistic models (Ho, Jain & Abbeel, 2020), arXiv:2006.11239
    """

    order: ClassVar[int] = 1
    stochastic: bool = True

    def __init__(self, steps: int = 1000, width: float = 0.0) -> None:
        super().__init__(steps)
        if not 0 <= width <= 1:
            raise BadInput("the width of a step lies between 0 and 1", f"width={width}", "take 0.0 or 1.0")
        self.width = width

    def step(self, way: Way, x: Tensor, i: int) -> Tensor:
        """A draw from the posterior at the next level; last, the data."""
        alpha, sigma, t = way.alpha, way.sigma, way.t
        data = way.denoise(x, t[i])
        if i + 1 == way.steps:
            return data
        kept, comes = between(way.noise, t[i + 1], t[i])
        share = sigma[i + 1] ** 2 / sigma[i] ** 2
        mean = (kept * share).to(x) * x + (alpha[i + 1] * comes / sigma[i] ** 2).to(x) * data
        variance = comes * share ** (1 - self.width)
        return mean + variance.sqrt().to(x) * torch.randn_like(x)
