"""Packed GAN: the critic sees several samples at once, so that a lost variety shows."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from simulacra.models.adversary import Adversary, Unbounded
from simulacra.models.base import Batch, Losses
from simulacra.networks.dense_gan import DenseGANCritic, DenseGANGenerator


class PacGAN(Adversary):
    """Minimax game in which the critic is shown m samples side by side, all real or all made.

    Letters: B samples, of which B // m packs are formed.

    Args:
        generator: z (B, L) and conditions (B, G) to numbers of the shape of x.
        critic: packs (B // m, m × channels, …) and conditions side by side (B // m, m G) to one logit a pack.
        latent: number of latent features L.
        output: the generator's numbers and uniform noise to samples; between -1 and 1 by default.
        pack: samples that the critic sees at once, m.
        conditional: whether the networks take the conditions of the data.

    References:
        PacGAN: the power of two samples in generative adversarial networks (Lin et al., 2018), arXiv:1712.04086
    """

    def __init__(
        self,
        generator: nn.Module,
        critic: nn.Module,
        latent: int,
        output: nn.Module | None = None,
        pack: int = 2,
        conditional: bool = True,
    ) -> None:
        super().__init__(generator, critic, latent, output, conditional=conditional)
        self.pack = pack

    def judged(self, x: Tensor, batch: Batch) -> Tensor:
        """The critic's logits of packs of neighbors in the batch."""
        packs = len(x) // self.pack
        if not packs:
            raise ValueError(f"a batch of {len(x)} holds no pack of {self.pack}")
        conditioning = self.conditioning(batch)[: packs * self.pack].reshape(packs, -1)
        shown = x[: packs * self.pack].reshape(packs, self.pack * x.shape[1], *x.shape[2:])
        said: Tensor = self.critic(shown, conditioning)
        return said

    def critic_loss(self, batch: Batch) -> Losses:
        """The critic's cross-entropy on real and on made packs: a scalar, for a pack belongs to no one sample."""
        with torch.no_grad():
            made = self.make(batch)
        return {
            "real": functional.softplus(-self.judged(batch.x, batch)).mean(),
            "made": functional.softplus(self.judged(made, batch)).mean(),
        }

    def loss(self, batch: Batch) -> Losses:
        """The generator's: how surely the critic knows its packs."""
        return {"fooled": functional.softplus(-self.judged(self.make(batch), batch)).mean()}


def example() -> tuple[PacGAN, Batch]:
    """The smallest one: `simulacra show` prints it, the tests for every model run it."""
    generator, critic = DenseGANGenerator(3, 16, 2, conditions=1), DenseGANCritic(4, 16, conditions=2)
    return PacGAN(generator, critic, 3, Unbounded()), Batch(torch.randn(32, 2), {"angle": torch.randn(32)})
