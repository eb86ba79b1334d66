"""Wasserstein-divergence GAN: a gradient penalty without a slope to be kept to."""

from __future__ import annotations

import torch
from torch import nn

from simulacra.models.adversary import Adversary, Unbounded, between, slope
from simulacra.models.base import Batch, Losses
from simulacra.networks.dense_gan import DenseGANCritic, DenseGANGenerator


class WGANDiv(Adversary):
    r"""The generator lowers the Wasserstein divergence that the critic measures.

    The critic C lowers $C(G(z)) - C(x) + k\,\lVert\nabla C(\hat x)\rVert^p$ with $\hat x$ at a random place between a
    real and a made sample; the generator G lowers $-C(G(z))$. No critic need have a slope of one.

    Args:
        generator: z (B, L) and conditions (B, G) to numbers of the shape of x.
        critic: x and conditions to one number a sample, (B,).
        latent: number of latent features L.
        output: the generator's numbers and uniform noise to samples; between -1 and 1 by default.
        weight: k.
        power: p.
        rounds: moves of the critic for one of the generator.
        conditional: whether the networks take the conditions of the data.

    References:
        Wasserstein divergence for GANs (Wu et al., 2018), arXiv:1712.01026
    """

    def __init__(
        self,
        generator: nn.Module,
        critic: nn.Module,
        latent: int,
        output: nn.Module | None = None,
        weight: float = 2.0,
        power: float = 6.0,
        rounds: int = 4,
        conditional: bool = True,
    ) -> None:
        super().__init__(generator, critic, latent, output, rounds, conditional)
        self.weight, self.power = weight, power

    def critic_loss(self, batch: Batch) -> Losses:
        """The critic's: its values of real and of made samples, and the power of its slope between them."""
        with torch.no_grad():
            made = self.make(batch)
        middle = between(batch, made)
        steep = slope(self.judged(middle, batch), middle)
        return {
            "real": -self.judged(batch.x, batch),
            "made": self.judged(made, batch),
            "divergence": self.weight * steep**self.power,
        }

    def loss(self, batch: Batch) -> Losses:
        """The generator's: the critic's value of its samples."""
        return {"fooled": -self.judged(self.make(batch), batch)}


def example() -> tuple[WGANDiv, Batch]:
    """The smallest one: `simulacra show` prints it, the tests for every model run it."""
    generator, critic = DenseGANGenerator(3, 16, 2, conditions=1), DenseGANCritic(2, 16, conditions=1, offset=False)
    return WGANDiv(generator, critic, 3, Unbounded()), Batch(torch.randn(32, 2), {"angle": torch.randn(32)})
