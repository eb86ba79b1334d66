"""Variational autoencoder."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn

from simulacra.models.base import Batch, Losses, Model
from simulacra.models.likelihoods import GaussianLikelihood, Likelihood
from simulacra.networks.mlp import MLP


class VAE(Model):
    r"""Latent-variable density $p(x) = \int p(x \mid z)\,p(z)\,dz$ with a standard normal prior.

    Trained to raise $\mathbb{E}_{q(z \mid x)}[\log p(x \mid z)] - \mathrm{KL}(q(z \mid x) \,\|\, p(z))$. Letters:
    B samples, L latent features; x may have any shape that the encoder takes and the decoder gives.

    Args:
        encoder: x (B, …) to the mean and the log-variance of q(z|x), side by side, (B, 2 L).
        decoder: z (B, L) to the parameter of p(x|z), of the shape of x.
        latent: number of latent features L.
        likelihood: p(x|z) from the decoder's output; normal with a learned width by default.

    References:
        Auto-Encoding Variational Bayes (Kingma & Welling, 2014), arXiv:1312.6114
    """

    def __init__(
        self, encoder: nn.Module, decoder: nn.Module, latent: int, likelihood: Likelihood | None = None
    ) -> None:
        super().__init__()
        self.encoder, self.decoder, self.latent = encoder, decoder, latent
        self.likelihood: Likelihood = GaussianLikelihood() if likelihood is None else likelihood

    def posterior(self, x: Float[Tensor, "B ..."]) -> tuple[Float[Tensor, "B L"], Float[Tensor, "B L"]]:
        """Mean and log-variance of q(z|x)."""
        mu, log_var = self.encoder(x).chunk(2, dim=-1)
        return mu, log_var

    def loss(self, batch: Batch) -> Losses:
        """Nats a sample: the reconstruction's, and the divergence from the prior."""
        mu, log_var = self.posterior(batch.x)
        z = mu + (log_var / 2).exp() * batch.normal(self.latent)
        return {
            "reconstruction": -self.likelihood.log_prob(self.decoder(z), batch.x),
            "kl": 0.5 * (mu.square() + log_var.exp() - 1 - log_var).sum(1),
        }

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n draws from p(x|z), not its mean: `decode` gives that."""
        z = torch.randn(n, self.latent, device=self.device)
        return Batch(self.likelihood.draw(self.decoder(z)))

    @torch.no_grad()
    def encode(self, batch: Batch) -> Float[Tensor, "B L"]:
        """The mean of q(z|x)."""
        return self.posterior(batch.x)[0]

    @torch.no_grad()
    def decode(self, z: Float[Tensor, "B L"], given: Mapping[str, Tensor] | None = None) -> Batch:
        """The mean of p(x|z)."""
        return Batch(self.likelihood.mean(self.decoder(z)))


def example() -> tuple[VAE, Batch]:
    """The smallest one: `simulacra show` prints it, the tests for every model run it."""
    return VAE(MLP(6, 16, 4), MLP(2, 16, 6), latent=2), Batch(torch.randn(32, 6))
