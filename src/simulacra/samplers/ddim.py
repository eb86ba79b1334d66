"""DDIM: the same marginal laws as ancestral sampling, with as much or as little fresh noise as is wanted."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.diffusion.noise import step as between
from simulacra.samplers.base import Sampler, Way, towards


class DDIM(Sampler):
    r"""$x_s = \alpha_s D + \sqrt{\sigma_s^2 - c^2}\,\hat\varepsilon + c\,z$, of noise that was seen and fresh noise z.

    The noise seen is $\hat\varepsilon = (x_t - \alpha_t D)/\sigma_t$, and the share of the fresh
    $c = \eta\,\sigma_s\sigma_{t|s}/\sigma_t$: with eta = 0 this is a map without chance, with eta = 1 it is ancestral
    sampling with the posterior's variance.

    Args:
        steps: of the walk.
        eta: how much of the noise is fresh.

    References:
        Denoising diffusion implicit models (Song, Meng & Ermon, 2021), arXiv:2010.02502
    """

    order: ClassVar[int] = 1

    def __init__(self, steps: int = 50, eta: float = 0.0) -> None:
        super().__init__(steps)
        if not 0 <= eta <= 1:
            raise BadInput("eta lies between 0 and 1", f"eta={eta}", "take eta=0.0")
        self.eta, self.stochastic = eta, eta > 0

    def step(self, way: Way, x: Tensor, i: int) -> Tensor:
        """To the next level: as far as data are seen, with the share of fresh noise."""
        alpha, sigma, t = way.alpha, way.sigma, way.t
        data = way.denoise(x, t[i])
        if not self.eta or i + 1 == way.steps:
            return towards(x, data, alpha, sigma, i)
        comes = between(way.noise, t[i + 1], t[i])[1]
        fresh = self.eta * sigma[i + 1] * comes.sqrt() / sigma[i]
        left = (sigma[i + 1] ** 2 - fresh**2).clamp(min=0.0).sqrt()
        made = (x - alpha[i].to(x) * data) / sigma[i].to(x)
        return alpha[i + 1].to(x) * data + left.to(x) * made + fresh.to(x) * torch.randn_like(x)
