"""Wasserstein GAN with a gradient penalty: the critic's slope is kept near one."""

from __future__ import annotations

import torch
from torch import nn

from simulacra.models.adversary import Adversary, Unbounded, between, slope
from simulacra.models.base import Batch, Losses
from simulacra.networks.dense_gan import DenseGANCritic, DenseGANGenerator


class WGANGP(Adversary):
    r"""The generator lowers the earth mover's distance that the critic measures.

    The critic C lowers $C(G(z)) - C(x) + \lambda\,(\lVert\nabla C(\hat x)\rVert - 1)^2$ with $\hat x$ at a random place
    between a real and a made sample; the generator G lowers $-C(G(z))$. The critic must treat each sample alone: no
    batch normalization.

    Args:
        generator: z (B, L) and conditions (B, G) to numbers of the shape of x.
        critic: x and conditions to one number a sample, (B,).
        latent: number of latent features L.
        output: the generator's numbers and uniform noise to samples; between -1 and 1 by default.
        penalty: weight of the penalty, lambda.
        rounds: moves of the critic for one of the generator.
        conditional: whether the networks take the conditions of the data.

    References:
        Improved training of Wasserstein GANs (Gulrajani et al., 2017), arXiv:1704.00028
    """

    def __init__(
        self,
        generator: nn.Module,
        critic: nn.Module,
        latent: int,
        output: nn.Module | None = None,
        penalty: float = 10.0,
        rounds: int = 5,
        conditional: bool = True,
    ) -> None:
        super().__init__(generator, critic, latent, output, rounds, conditional)
        self.penalty = penalty

    def critic_loss(self, batch: Batch) -> Losses:
        """The critic's: its values of real and of made samples, and the penalty on its slope between them."""
        with torch.no_grad():
            made = self.make(batch)
        real, false = self.judged(torch.cat([batch.x, made]), _twice(batch)).chunk(2)
        middle = between(batch, made)
        steep = slope(self.judged(middle, batch), middle)
        return {"real": -real, "made": false, "penalty": self.penalty * (steep - 1).square()}

    def loss(self, batch: Batch) -> Losses:
        """The generator's: the critic's value of its samples."""
        return {"fooled": -self.judged(self.make(batch), batch)}


def _twice(batch: Batch) -> Batch:
    """The conditions of real and made samples, side by side for one pass through the critic."""
    return Batch(torch.cat([batch.x, batch.x]), {name: torch.cat([v, v]) for name, v in batch.given.items()})


def example() -> tuple[WGANGP, Batch]:
    """The smallest one: `simulacra show` prints it, the tests for every model run it."""
    generator, critic = DenseGANGenerator(3, 16, 2, conditions=1), DenseGANCritic(2, 16, conditions=1, offset=False)
    return WGANGP(generator, critic, 3, Unbounded()), Batch(torch.randn(32, 2), {"angle": torch.randn(32)})
