"""Variational autoencoder under conditions that are numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from simulacra.models.aae import side_by_side
from simulacra.models.base import Batch, Losses, Model
from simulacra.models.likelihoods import BernoulliLikelihood, Likelihood
from simulacra.networks.mlp import MLP


class ConditionalVAE(Model):
    r"""$p(x \mid c) = \int p(x \mid z, c)\,\mathcal N(z; 0, 1)\,dz$, by the evidence lower bound.

    Letters: B samples, L latent features, G conditions.

    Args:
        encoder: samples and conditions side by side (B, D + G) to mean and log-variance of q(z|x, c), (B, 2 L).
        decoder: places and conditions (B, L + G) to the parameter of p(x|z, c), (B, D).
        latent: L.
        likelihood: p(x|z, c) from the decoder's output; bits by default.

    References:
        Auto-Encoding Variational Bayes (Kingma & Welling, 2014), arXiv:1312.6114
        Learning structured output representation using deep conditional generative models (Sohn, Yan & Lee, 2015),
        https://papers.nips.cc/paper/5775
    """

    conditions: ClassVar[bool] = True

    def __init__(
        self, encoder: nn.Module, decoder: nn.Module, latent: int, likelihood: Likelihood | None = None
    ) -> None:
        super().__init__()
        self.encoder, self.decoder, self.latent = encoder, decoder, latent
        self.likelihood: Likelihood = BernoulliLikelihood() if likelihood is None else likelihood

    def loss(self, batch: Batch) -> Losses:
        """Nats a sample: the reconstruction's, and the divergence from the prior."""
        asked = side_by_side(batch.given, batch.x)
        mu, log_var = self.encoder(torch.cat([batch.x, asked], 1)).chunk(2, dim=-1)
        z = mu + (log_var / 2).exp() * batch.normal(self.latent)
        return {
            "reconstruction": -self.likelihood.log_prob(self.decoder(torch.cat([z, asked], 1)), batch.x),
            "kl": 0.5 * (mu.square() + log_var.exp() - 1 - log_var).sum(1),
        }

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n draws under the given conditions, (n,) each."""
        z = torch.randn(n, self.latent, device=self.device)
        output = self.decoder(torch.cat([z, side_by_side(given or {}, z)], 1))
        return Batch(self.likelihood.draw(output), dict(given or {}))

    @torch.no_grad()
    def rebuilt(self, batch: Batch) -> Float[Tensor, "B D"]:
        """The expected sample at the mean of each sample's own place."""
        asked = side_by_side(batch.given, batch.x)
        mu, _ = self.encoder(torch.cat([batch.x, asked], 1)).chunk(2, dim=-1)
        return self.likelihood.mean(self.decoder(torch.cat([mu, asked], 1)))


def example() -> tuple[ConditionalVAE, Batch]:
    """The smallest one: `simulacra show` prints it, the tests for every model run it."""
    model = ConditionalVAE(MLP(6 + 1, 16, 4), MLP(2 + 1, 16, 6), latent=2)
    return model, Batch(torch.randint(0, 2, (32, 6)).float(), {"logP": torch.randn(32)})
