"""Generative adversarial network: a generator that learns from a critic's mistakes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from simulacra.core.recorded import Recorded
from simulacra.models.base import Batch, Losses, Model, Turn
from simulacra.networks.dcgan import DCGANCritic, DCGANGenerator


class Bounded(Recorded, nn.Module):
    """Output between -1 and 1: the hyperbolic tangent of the logits."""

    def forward(self, logits: Float[Tensor, "B ..."], uniform: Float[Tensor, "B ..."]) -> Float[Tensor, "B ..."]:
        """Logits to samples; the noise is not needed."""
        return torch.tanh(logits)


class SpinDraw(Recorded, nn.Module):
    """Output of -1 and +1: each spin is drawn, with mean tanh(logit), and not rounded.

    The gradient passes straight through the draw to its mean, so that the critic sees true spins on both sides.

    References:
        Estimating or propagating gradients through stochastic neurons (Bengio, Léonard & Courville, 2013),
        arXiv:1308.3432
    """

    def forward(self, logits: Float[Tensor, "B ..."], uniform: Float[Tensor, "B ..."]) -> Float[Tensor, "B ..."]:
        """Logits and uniform numbers to spins."""
        mean = torch.tanh(logits)
        drawn = torch.where(uniform < (1 + mean) / 2, 1.0, -1.0)
        return mean + (drawn - mean).detach()


class GAN(Model):
    r"""Minimax game with the non-saturating generator loss.

    The critic C, whose output is a logit, lowers $\mathrm{softplus}(-C(x)) + \mathrm{softplus}(C(G(z)))$; the
    generator G lowers $\mathrm{softplus}(-C(G(z)))$. Conditions are given to both as numbers. Letters: B samples,
    L latent features, G conditions.

    Args:
        generator: z (B, L) and conditions (B, G) to logits of the shape of x.
        critic: x and conditions to one logit a sample, (B,).
        latent: number of latent features L.
        output: logits and uniform noise to samples; between -1 and 1 by default.
        noise: standard deviation of the normal noise that blurs what the critic sees, real and made; it keeps the two
            laws overlapping where samples are discrete.

    References:
        Generative adversarial networks (Goodfellow et al., 2014), arXiv:1406.2661
        Towards principled methods for training generative adversarial networks (Arjovsky & Bottou, 2017),
        arXiv:1701.04862
    """

    conditions: ClassVar[bool] = True

    def __init__(
        self, generator: nn.Module, critic: nn.Module, latent: int, output: nn.Module | None = None, noise: float = 0.0
    ) -> None:
        super().__init__()
        self.generator, self.critic, self.latent, self.noise = generator, critic, latent, noise
        self.output = Bounded() if output is None else output

    def make(self, batch: Batch) -> Tensor:
        """As many samples as the batch has, under its conditions."""
        logits = self.generator(batch.normal(self.latent), stacked(batch))
        made: Tensor = self.output(logits, batch.uniform(*logits.shape[1:]))
        return made

    def judged(self, x: Tensor, batch: Batch) -> Tensor:
        """The critic's logits of x under the batch's conditions."""
        seen = x + self.noise * batch.normal(*x.shape[1:]) if self.noise else x
        logits: Tensor = self.critic(seen, stacked(batch))
        return logits

    def critic_loss(self, batch: Batch) -> Losses:
        """The critic's cross-entropy on real and on made samples."""
        with torch.no_grad():
            made = self.make(batch)
        return {
            "real": functional.softplus(-self.judged(batch.x, batch)),
            "made": functional.softplus(self.judged(made, batch)),
        }

    def loss(self, batch: Batch) -> Losses:
        """The generator's: how surely the critic knows its samples."""
        return {"fooled": functional.softplus(-self.judged(self.make(batch), batch))}

    def turns(self) -> list[Turn]:
        """The critic moves first, then the generator."""
        return [
            Turn("critic", tuple(self.critic.parameters()), self.critic_loss),
            Turn("generator", tuple(self.generator.parameters()), self.loss),
        ]

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n draws under the given conditions, (n,) each."""
        conditions = {name: value.to(self.device) for name, value in (given or {}).items()}
        blank = Batch(torch.empty(n, 0, device=self.device), conditions)
        return Batch(self.make(blank), conditions)


def stacked(batch: Batch) -> Float[Tensor, "B G"]:
    """The conditions side by side, in the order of their names."""
    if not batch.given:
        return batch.x.new_empty(len(batch), 0)
    return torch.stack([batch.given[name].float() for name in sorted(batch.given)], 1)


def example() -> tuple[GAN, Batch]:
    """The smallest one: the docs print it, the tests for every model run it."""
    generator = DCGANGenerator(8, 1, 4, latent=3, conditions=1)
    critic = DCGANCritic(8, 1, 4, conditions=1)
    spins = torch.randint(0, 2, (32, 1, 8, 8)) * 2.0 - 1
    return GAN(generator, critic, latent=3, output=SpinDraw()), Batch(spins, {"temperature": torch.randn(32)})
