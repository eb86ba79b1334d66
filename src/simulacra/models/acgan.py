"""Auxiliary-classifier GAN: the critic also says of which class a sample is."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from simulacra.models.adversary import Adversary, Unbounded
from simulacra.models.base import Batch, Losses
from simulacra.networks.dense_gan import DenseGANGenerator
from simulacra.networks.mlp import MLP


class ACGAN(Adversary):
    r"""Minimax game in which the critic says the class, and the generator is asked for one.

    With logit $s$ and the log-probabilities $\log p(c \mid x)$ from one network, the critic lowers
    $\mathrm{softplus}(-s(x)) + \mathrm{softplus}(s(G)) - \log p(c \mid x) - \log p(c \mid G)$; the generator lowers
    $\mathrm{softplus}(-s(G)) - \log p(c \mid G)$, where $G = G(z, c)$. Letters: B samples, K classes.

    Args:
        generator: z (B, L) and the class, one of K marks (B, K), to numbers of the shape of x.
        critic: x to (B, 1 + K): the logit and one number a class.
        latent: number of latent features L.
        classes: how many there are, K.
        output: the generator's numbers and uniform noise to samples; between -1 and 1 by default.
        weight: of the class's part in both losses.
        made: share of that weight with which the critic learns classes from made samples too, 1 in the paper. With 0 it
            learns them from real ones alone, so that the two cannot agree on marks that no real sample bears.

    References:
        Conditional image synthesis with auxiliary classifier GANs (Odena, Olah & Shlens, 2017), arXiv:1610.09585
    """

    def __init__(
        self,
        generator: nn.Module,
        critic: nn.Module,
        latent: int,
        classes: int,
        output: nn.Module | None = None,
        weight: float = 1.0,
        made: float = 1.0,
    ) -> None:
        super().__init__(generator, critic, latent, output)
        self.classes, self.weight, self.made = classes, weight, made

    def conditioning(self, batch: Batch) -> Float[Tensor, "B K"]:
        """The class as one of K marks."""
        marks = functional.one_hot(batch.given["class"].long(), self.classes)
        return marks.to(batch.x.dtype if batch.x.is_floating_point() else torch.float32)

    def said(self, x: Tensor) -> tuple[Float[Tensor, " B"], Float[Tensor, "B K"]]:
        """The critic's logit, and the log-probability of each class."""
        out = self.critic(x)
        return out[:, 0], functional.log_softmax(out[:, 1:], 1)

    def critic_loss(self, batch: Batch) -> Losses:
        """The critic's cross-entropy on real and made, and on the class of both."""
        with torch.no_grad():
            made = self.make(batch)
        c = batch.given["class"].long()[:, None]
        (real, of_real), (false, of_false) = self.said(batch.x), self.said(made)
        return {
            "real": functional.softplus(-real),
            "made": functional.softplus(false),
            "class of real": -self.weight * of_real.gather(1, c)[:, 0],
            "class of made": -self.weight * self.made * of_false.gather(1, c)[:, 0],
        }

    def loss(self, batch: Batch) -> Losses:
        """The generator's: how surely the critic knows its samples, and how little it sees their class."""
        logit, classes = self.said(self.make(batch))
        c = batch.given["class"].long()[:, None]
        return {"fooled": functional.softplus(-logit), "class": -self.weight * classes.gather(1, c)[:, 0]}


def example() -> tuple[ACGAN, Batch]:
    """The smallest one: `simulacra show` prints it, the tests for every model run it."""
    model = ACGAN(DenseGANGenerator(3, 16, 2, conditions=4), MLP(2, 16, 5), latent=3, classes=4, output=Unbounded())
    return model, Batch(torch.randn(32, 2), {"class": torch.arange(32) % 4})
