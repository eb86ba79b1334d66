"""Generative adversarial network: a generator that learns from a critic's mistakes."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from simulacra.models.adversary import Adversary, SpinDraw
from simulacra.models.base import Batch, Losses
from simulacra.networks.dcgan import DCGANCritic, DCGANGenerator


class GAN(Adversary):
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
        conditional: whether the networks take the conditions of the data.

    References:
        Generative adversarial networks (Goodfellow et al., 2014), arXiv:1406.2661
        Towards principled methods for training generative adversarial networks (Arjovsky & Bottou, 2017),
        arXiv:1701.04862
    """

    def __init__(
        self,
        generator: nn.Module,
        critic: nn.Module,
        latent: int,
        output: nn.Module | None = None,
        noise: float = 0.0,
        conditional: bool = True,
    ) -> None:
        super().__init__(generator, critic, latent, output, conditional=conditional)
        self.noise = noise

    def judged(self, x: Tensor, batch: Batch) -> Tensor:
        """The critic's logits of x, blurred, under the batch's conditions."""
        return super().judged(x + self.noise * batch.normal(*x.shape[1:]) if self.noise else x, batch)

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


def example() -> tuple[GAN, Batch]:
    """The smallest one: `simulacra show` prints it, the tests for every model run it."""
    generator = DCGANGenerator(8, 1, 4, latent=3, conditions=1)
    critic = DCGANCritic(8, 1, 4, conditions=1)
    spins = torch.randint(0, 2, (32, 1, 8, 8)) * 2.0 - 1
    return GAN(generator, critic, latent=3, output=SpinDraw()), Batch(spins, {"temperature": torch.randn(32)})
