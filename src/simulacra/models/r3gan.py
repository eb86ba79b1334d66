"""Relativistic GAN with zero-centered penalties: each made sample is held against a real one."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from simulacra.models.adversary import Adversary, Unbounded, slope
from simulacra.models.base import Batch, Losses
from simulacra.networks.dense_gan import DenseGANCritic, DenseGANGenerator


class R3GAN(Adversary):
    r"""The critic says by how much a real sample is more real than a made one; lost modes leave it a way to see them.

    With $d = C(x) - C(G(z))$ the critic C lowers $\mathrm{softplus}(-d) + \frac\gamma2\,(\lVert\nabla C(x)\rVert^2 +
    \lVert\nabla C(G(z))\rVert^2)$; the generator G lowers $\mathrm{softplus}(d)$. The critic must treat each sample
    alone: no batch normalization.

    Args:
        generator: z (B, L) and conditions (B, G) to numbers of the shape of x.
        critic: x and conditions to one number a sample, (B,).
        latent: number of latent features L.
        output: the generator's numbers and uniform noise to samples; between -1 and 1 by default.
        penalty: weight of both penalties, gamma, in squared units of x: small where modes are narrow.
        conditional: whether the networks take the conditions of the data.

    References:
        The GAN is dead; long live the GAN! A modern GAN baseline (Huang et al., 2024), arXiv:2501.05441
        The relativistic discriminator: a key element missing from standard GAN (Jolicoeur-Martineau, 2018),
        arXiv:1807.00734
        Which training methods for GANs do actually converge? (Mescheder, Geiger & Nowozin, 2018), arXiv:1801.04406
    """

    def __init__(
        self,
        generator: nn.Module,
        critic: nn.Module,
        latent: int,
        output: nn.Module | None = None,
        penalty: float = 1.0,
        conditional: bool = True,
    ) -> None:
        super().__init__(generator, critic, latent, output, conditional=conditional)
        self.penalty = penalty

    def critic_loss(self, batch: Batch) -> Losses:
        """The critic's: how often it takes the made sample of a pair for the real one, and its slopes at both."""
        with torch.no_grad():
            made = self.make(batch)
        places = torch.cat([batch.x, made]).requires_grad_(True)
        said = self.judged(places, twice(batch))
        real, false = said.chunk(2)
        at_real, at_made = slope(said, places).square().chunk(2)
        return {
            "pairs": functional.softplus(false - real),
            "penalty at real": self.penalty / 2 * at_real,
            "penalty at made": self.penalty / 2 * at_made,
        }

    def loss(self, batch: Batch) -> Losses:
        """The generator's: how surely the critic knows the real sample of a pair."""
        real, made = self.judged(torch.cat([batch.x, self.make(batch)]), twice(batch)).chunk(2)
        return {"fooled": functional.softplus(real - made)}


def twice(batch: Batch) -> Batch:
    """The conditions of real and made samples, side by side for one pass through the critic."""
    return Batch(torch.cat([batch.x, batch.x]), {name: torch.cat([v, v]) for name, v in batch.given.items()})


def example() -> tuple[R3GAN, Batch]:
    """The smallest one: `simulacra show` prints it, the tests for every model run it."""
    generator, critic = DenseGANGenerator(3, 16, 2, conditions=1), DenseGANCritic(2, 16, conditions=1, offset=False)
    return R3GAN(generator, critic, 3, Unbounded()), Batch(torch.randn(32, 2), {"angle": torch.randn(32)})
