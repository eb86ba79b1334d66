"""Variational autoencoder whose latent features are drawn by a law that was learned, not by the standard normal one."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor

from simulacra.models.base import Batch, Losses, Model, Turn
from simulacra.models.vae import VAE
from simulacra.networks.coupling import Coupling
from simulacra.networks.mlp import MLP


class LatentPrior(Model):
    r"""A VAE, and a density fitted to where its encoder puts the training samples.

    What the encoder gives, all samples together, seldom fills the standard normal law that a VAE draws from: between
    them lie places that the decoder never saw. Two players move in a step: the autoencoder lowers its own loss, with
    the standard normal prior, as if it were alone; the prior lowers $\mathrm{KL}(q(z \mid x) \,\|\, p(z))$ averaged
    over samples, with q as it stands. So the same weights draw by either law (`autoencoder.sample` is the old one).

    The latent space that is walked and drawn from is u, where the learned law is the standard normal one.
    Letters: B samples, L latent features.

    Args:
        autoencoder: the VAE.
        prior: p(z), one to one with a standard normal u.

    References:
        Diagnosing and enhancing VAE models (Dai & Wipf, 2019), arXiv:1903.05789;
        From variational to deterministic autoencoders (Ghosh et al., 2020), arXiv:1903.12436
    """

    def __init__(self, autoencoder: VAE, prior: Coupling) -> None:
        super().__init__()
        self.autoencoder, self.prior, self.latent = autoencoder, prior, autoencoder.latent

    def turns(self) -> list[Turn]:
        """The autoencoder, then the prior."""
        return [
            Turn("autoencoder", tuple(self.autoencoder.parameters()), self.loss),
            Turn("prior", tuple(self.prior.parameters()), self.prior_loss),
        ]

    def loss(self, batch: Batch) -> Losses:
        """The autoencoder's, nats a sample."""
        return self.autoencoder.loss(batch)

    def prior_loss(self, batch: Batch) -> Losses:
        """Nats a sample: the divergence of q(z|x) from the learned prior, at one draw of z."""
        with torch.no_grad():
            mu, log_var = self.autoencoder.posterior(batch.x)
            noise = batch.normal(self.latent)
            z = mu + (log_var / 2).exp() * noise
            log_q = -0.5 * (noise.square() + log_var + math.log(2 * math.pi)).sum(1)
        return {"kl": log_q - self.prior.log_prob(z)}

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n draws: of z from the learned prior, of x from p(x|z)."""
        z = self.prior.inverse(torch.randn(n, self.latent, device=self.device))
        return Batch(self.autoencoder.likelihood.draw(self.autoencoder.decoder(z)))

    @torch.no_grad()
    def encode(self, batch: Batch) -> Float[Tensor, "B L"]:
        """The mean of q(z|x), in u."""
        u: Tensor = self.prior(self.autoencoder.encode(batch))
        return u

    @torch.no_grad()
    def decode(self, z: Float[Tensor, "B L"], given: Mapping[str, Tensor] | None = None) -> Batch:
        """The mean of p(x|z) at places in u."""
        return self.autoencoder.decode(self.prior.inverse(z))


def example() -> tuple[LatentPrior, Batch]:
    """The smallest one: `simulacra show` prints it, the tests for every model run it."""
    autoencoder = VAE(MLP(6, 16, 4), MLP(2, 16, 6), latent=2)
    return LatentPrior(autoencoder, Coupling(2, 8, depth=2)), Batch(torch.randn(32, 6))
