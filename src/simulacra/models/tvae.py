"""A variational autoencoder of rows of numbers: each number with a width of its own, under a class."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from simulacra.models.base import Batch, Losses, Model
from simulacra.networks.mlp import MLP


class TVAE(Model):
    r"""Rows $x$ of a class $k$ by hidden numbers $z$: $p(x \mid k) = \int N(x; d(z, k), \sigma)\,N(z; 0, 1)\,dz$.

    Each number of a row has its own learned width $\sigma_j$, as tables' columns differ in what can be known of them.
    The paper's model reads columns by mixtures of normal laws; here a view has made them normal scores before.
    Letters: B rows, D numbers, L hidden numbers, K classes.

    Args:
        encoder: a row and its class's marks (B, D + K) to mean and log-variance of q(z|x, k), side by side, (B, 2 L).
        decoder: hidden numbers and marks (B, L + K) to the expected row, (B, D).
        features: D.
        latent: L.
        classes: K; the marks are one where there is one class.
        beta: weight of the divergence from the prior.

    References:
        Modeling tabular data using conditional GAN (Xu et al., 2019), arXiv:1907.00503
        Auto-Encoding Variational Bayes (Kingma & Welling, 2014), arXiv:1312.6114
    """

    conditions: ClassVar[bool] = True

    def __init__(
        self, encoder: nn.Module, decoder: nn.Module, features: int, latent: int, classes: int = 1, beta: float = 1.0
    ) -> None:
        super().__init__()
        self.encoder, self.decoder, self.latent, self.classes, self.beta = encoder, decoder, latent, classes, beta
        self.log_sigma = nn.Parameter(torch.zeros(features))

    def marks(self, given: Mapping[str, Tensor], like: Tensor) -> Float[Tensor, "B K"]:
        """The class as one of K marks."""
        return functional.one_hot(given["class"].long(), self.classes).to(like)

    def loss(self, batch: Batch) -> Losses:
        """Nats a row: the reconstruction's, and the divergence from the prior."""
        k = self.marks(batch.given, batch.x)
        mu, log_var = self.encoder(torch.cat([batch.x, k], 1)).chunk(2, dim=-1)
        z = mu + (log_var / 2).exp() * batch.normal(self.latent)
        apart = (batch.x - self.decoder(torch.cat([z, k], 1))) * (-self.log_sigma).exp()
        normal = 0.5 * apart.square().sum(1) + self.log_sigma.sum() + 0.5 * math.log(2 * math.pi) * len(self.log_sigma)
        return {
            "reconstruction": normal,
            "kl": self.beta * 0.5 * (mu.square() + log_var.exp() - 1 - log_var).sum(1),
        }

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n rows of the given classes; of the first where none are given."""
        given = given or {"class": torch.zeros(n, device=self.device)}
        z = torch.randn(n, self.latent, device=self.device)
        mean = self.decoder(torch.cat([z, self.marks(given, z)], 1))
        return Batch(mean + self.log_sigma.exp() * torch.randn_like(mean), dict(given))


def example() -> tuple[TVAE, Batch]:
    """The smallest one: `simulacra show` prints it, the tests for every model run it."""
    model = TVAE(MLP(3 + 2, 16, 4), MLP(2 + 2, 16, 3), features=3, latent=2, classes=2)
    return model, Batch(torch.randn(32, 3), {"class": torch.arange(32) % 2})
