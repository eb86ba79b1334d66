"""Plug and play: a model that knows no classes draws a class, by climbing in its latent space with a classifier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from simulacra.core.errors import BadInput
from simulacra.models.base import Batch, Losses, Model, Turn
from simulacra.models.vae import VAE
from simulacra.networks.mlp import MLP

BEST = 0.574  # share of moves to take: where Langevin's steps go farthest (Roberts & Rosenthal)
STRIDE = 1.65  # and the length of such a step for a normal law, times the sixth root of its dimensions


class PlugAndPlay(Model):
    r"""Latent places drawn from $p(z \mid c) \propto p(z)\,p(c \mid G(z))$, where G is a plain autoencoder's decoder.

    A place climbs by $z' = z + \tfrac{\epsilon^2}{2}\nabla[\log p(z) + \log p(c \mid G(z))] + \epsilon\,\xi$ with
    normal $\xi$, and each move is taken or left by the rule of Metropolis and Hastings, so that the moves' length
    leaves no bias. (The article moves without that rule, its parts weighed by hand; as there, a draw is G(z)
    itself, the decoder's mean.) Each draw is the end of a walk of its own that begins at a draw of the prior. During
    its first half the classifier's part rises from nothing to its whole weight, and the greatest length of a move is
    tuned over all walks together; in the second half both stand.

    Autoencoder and classifier learn side by side, neither from the other: the autoencoder sees no classes, the
    classifier sees real samples and what the autoencoder makes of them. Letters: B samples, L latent features,
    K classes.

    Args:
        plain: the autoencoder.
        classifier: x to one number a class, (B, K).
        moves: of a walk, half of them to tune its step.
        weight: of the classifier's logarithm: 1 gives p(z|c), as the rule of Bayes has it; more, surer examples of
            the class, and fewer kinds of them.

    References:
        Plug & play generative networks: conditional iterative generation of images in latent space (Nguyen et al.,
        2017), arXiv:1612.00005
        Optimal scaling of discrete approximations to Langevin diffusions (Roberts & Rosenthal, 1998),
        doi:10.1111/1467-9868.00123
    """

    conditions: ClassVar[bool] = True

    def __init__(self, plain: VAE, classifier: nn.Module, moves: int = 60, weight: float = 1.0) -> None:
        super().__init__()
        if moves < 2:
            raise BadInput("a walk needs a move to tune its step and one to take", f"moves={moves}", "give moves=60")
        self.plain, self.classifier, self.moves, self.weight = plain, classifier, moves, weight

    def turns(self) -> list[Turn]:
        """The autoencoder moves first, then the classifier."""
        return [
            Turn("autoencoder", tuple(self.plain.parameters()), self.loss),
            Turn("classifier", tuple(self.classifier.parameters()), self.classifier_loss),
        ]

    def loss(self, batch: Batch) -> Losses:
        """The autoencoder's own; no class enters."""
        return self.plain.loss(batch)

    def classifier_loss(self, batch: Batch) -> Losses:
        """The cross-entropy of the class of real samples, and of the same through the autoencoder."""
        with torch.no_grad():
            mu, log_var = self.plain.posterior(batch.x)
            again = self.expected(mu + (log_var / 2).exp() * batch.normal(self.plain.latent))
        c = batch.given["class"].long()
        real, made = self.classifier(torch.cat([batch.x, again])).chunk(2)
        return {
            "class of real": functional.cross_entropy(real, c, reduction="none"),
            "class of decoded": functional.cross_entropy(made, c, reduction="none"),
        }

    def expected(self, z: Float[Tensor, "B L"]) -> Tensor:
        """G(z), with its graph: the expected sample at each place."""
        return self.plain.likelihood.mean(self.plain.decoder(z))

    def says(self, z: Float[Tensor, "B L"], c: Tensor) -> tuple[Float[Tensor, " B"], Float[Tensor, "B L"]]:
        """log p(c|G(z)), nats, and its gradient in z."""
        with torch.enable_grad():
            at = z.detach().requires_grad_(True)
            logs = functional.log_softmax(self.classifier(self.expected(at)), 1).gather(1, c[:, None])[:, 0]
            (gradient,) = torch.autograd.grad(logs.sum(), at)
        return logs.detach(), gradient

    def climb(self, c: Tensor) -> tuple[Float[Tensor, "B L"], float]:
        """A place for each asked class, (B,); and the share of moves taken in the second half of the walks.

        Draws by torch's global generator.
        """
        z = torch.randn(len(c), self.plain.latent, device=self.device)
        logs, slope = self.says(z, c)
        stride, taken = STRIDE * self.plain.latent ** (-1 / 6), []
        for move in range(self.moves):
            weight = self.weight * min(1.0, (move + 1) / (self.moves // 2))
            # of random length: a place beneath a cliff leaves it by short moves, where long ones overshoot
            step = stride * (1 - torch.rand_like(logs))[:, None]
            way = 0.5 * step**2 * (weight * slope - z) + step * torch.randn_like(z)
            there = z + way
            logs_there, slope_there = self.says(there, c)
            rise = weight * (logs_there - logs) + 0.5 * (z.square() - there.square()).sum(1)
            # -log q(z | z') and -log q(z' | z) of the normal moves there and back
            back = ((way + 0.5 * step**2 * (weight * slope_there - there)) / step).square().sum(1) / 2
            forth = ((way - 0.5 * step**2 * (weight * slope - z)) / step).square().sum(1) / 2
            chance = (rise - back + forth).clamp(max=0).exp()
            yes = torch.rand_like(chance) < chance
            z, slope = torch.where(yes[:, None], there, z), torch.where(yes[:, None], slope_there, slope)
            logs = torch.where(yes, logs_there, logs)
            if move < self.moves // 2:
                stride *= float(torch.exp(chance.mean() - BEST))
            else:
                taken.append(float(chance.mean()))
        return z, sum(taken) / len(taken)

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n draws G(z) at places of the asked classes, (n,)."""
        c = (given or {})["class"].long().to(self.device)
        z, _ = self.climb(c)
        return Batch(self.expected(z), {"class": c})


def example() -> tuple[PlugAndPlay, Batch]:
    """The smallest one: `simulacra show` prints it, the tests for every model run it."""
    plain = VAE(MLP(6, 16, 4), MLP(2, 16, 6), latent=2)
    return PlugAndPlay(plain, MLP(6, 16, 3), moves=4), Batch(torch.randn(32, 6), {"class": torch.arange(32) % 3})
