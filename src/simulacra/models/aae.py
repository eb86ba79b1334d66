"""Adversarial autoencoder, under conditions: a critic of places makes them normal, where a VAE has a divergence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.models.base import Batch, Losses, Model, Turn
from simulacra.models.likelihoods import BernoulliLikelihood, Likelihood
from simulacra.networks.mlp import MLP


class AAE(Model):
    r"""$p(x \mid c) = \int p(x \mid z, c)\,\mathcal N(z; 0, 1)\,dz$; a critic holds places against normal draws.

    The critic C, whose output is a logit, lowers $\mathrm{softplus}(-C(\epsilon)) + \mathrm{softplus}(C(z))$; encoder
    and decoder lower the cost of the reconstruction and $\mathrm{softplus}(-C(z))$. Letters: B samples, L latent
    features, G conditions.

    Args:
        encoder: samples and conditions side by side (B, D + G) to places, (B, L).
        decoder: places and conditions (B, L + G) to the parameter of p(x|z, c), (B, D).
        critic: places and conditions (B, L + G) to a logit, (B, 1).
        latent: L.
        likelihood: p(x|z, c) from the decoder's output; bits by default.
        weight: of the critic's word beside the reconstruction's.

    References:
        Adversarial autoencoders (Makhzani et al., 2015), arXiv:1511.05644
        druGAN: an advanced generative adversarial autoencoder model for de novo generation of new molecules with
        desired molecular properties in silico (Kadurin et al., 2017), doi:10.1021/acs.molpharmaceut.7b00346
    """

    conditions: ClassVar[bool] = True

    def __init__(
        self,
        encoder: nn.Module,
        decoder: nn.Module,
        critic: nn.Module,
        latent: int,
        likelihood: Likelihood | None = None,
        weight: float = 1.0,
    ) -> None:
        super().__init__()
        if weight <= 0:
            raise BadInput("a critic that is not listened to is no critic", f"weight={weight}", "take weight=1.0")
        self.encoder, self.decoder, self.critic = encoder, decoder, critic
        self.latent, self.weight = latent, weight
        self.likelihood: Likelihood = BernoulliLikelihood() if likelihood is None else likelihood

    def turns(self) -> list[Turn]:
        """The critic moves first, then encoder and decoder together."""
        both = (*self.encoder.parameters(), *self.decoder.parameters(), *self.likelihood.parameters())
        return [Turn("critic", tuple(self.critic.parameters()), self.critic_loss), Turn("autoencoder", both, self.loss)]

    def critic_loss(self, batch: Batch) -> Losses:
        """The critic's cross-entropy on normal draws and on places."""
        asked = side_by_side(batch.given, batch.x)
        with torch.no_grad():
            z = self.encoder(torch.cat([batch.x, asked], 1))
        normal = self.critic(torch.cat([batch.normal(self.latent), asked], 1))[:, 0]
        return {
            "normal": functional.softplus(-normal),
            "places": functional.softplus(self.critic(torch.cat([z, asked], 1))[:, 0]),
        }

    def loss(self, batch: Batch) -> Losses:
        """Nats of the reconstruction, and how surely the critic knows the places."""
        asked = side_by_side(batch.given, batch.x)
        z = self.encoder(torch.cat([batch.x, asked], 1))
        return {
            "reconstruction": -self.likelihood.log_prob(self.decoder(torch.cat([z, asked], 1)), batch.x),
            "fooled": self.weight * functional.softplus(-self.critic(torch.cat([z, asked], 1))[:, 0]),
        }

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n draws under the given conditions, (n,) each."""
        z = torch.randn(n, self.latent, device=self.device)
        return Batch(
            self.likelihood.draw(self.decoder(torch.cat([z, side_by_side(given or {}, z)], 1))), dict(given or {})
        )

    @torch.no_grad()
    def rebuilt(self, batch: Batch) -> Float[Tensor, "B D"]:
        """The expected sample at each sample's own place."""
        asked = side_by_side(batch.given, batch.x)
        z = self.encoder(torch.cat([batch.x, asked], 1))
        return self.likelihood.mean(self.decoder(torch.cat([z, asked], 1)))


def side_by_side(given: Mapping[str, Tensor], like: Tensor) -> Float[Tensor, "B G"]:
    """Conditions that are numbers, in the order of their names."""
    if not given:
        return like.new_empty(len(like), 0)
    return torch.stack([given[name].to(like) for name in sorted(given)], 1)


def example() -> tuple[AAE, Batch]:
    """The smallest one: `simulacra show` prints it, the tests for every model run it."""
    model = AAE(MLP(6 + 1, 16, 2), MLP(2 + 1, 16, 6), MLP(2 + 1, 16, 1), latent=2)
    return model, Batch(torch.randint(0, 2, (32, 6)).float(), {"logP": torch.randn(32)})
