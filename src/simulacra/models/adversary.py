"""What all adversarial models share: a generator, a critic, and who moves when."""

from __future__ import annotations

import abc
from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn

from simulacra.core.recorded import Recorded
from simulacra.models.base import Batch, Losses, Model, Turn

ASIDE = True


class Bounded(Recorded, nn.Module):
    """Output between -1 and 1: the hyperbolic tangent of the logits."""

    def forward(self, logits: Float[Tensor, "B ..."], uniform: Float[Tensor, "B ..."]) -> Float[Tensor, "B ..."]:
        """Logits to samples; the noise is not needed."""
        return torch.tanh(logits)


class Unbounded(Recorded, nn.Module):
    """The generator's numbers as they are."""

    def forward(self, logits: Float[Tensor, "B ..."], uniform: Float[Tensor, "B ..."]) -> Float[Tensor, "B ..."]:
        """The same numbers; the noise is not needed."""
        return logits


class UnitInterval(Recorded, nn.Module):
    """Output between 0 and 1: the logistic function of the logits, for brightness."""

    def forward(self, logits: Float[Tensor, "B ..."], uniform: Float[Tensor, "B ..."]) -> Float[Tensor, "B ..."]:
        """Logits to samples; the noise is not needed."""
        return torch.sigmoid(logits)


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


class Adversary(Model):
    """A generator that learns from a critic's mistakes; what the two play for is the subclass's.

    Letters: B samples, L latent features, G conditions.

    Args:
        generator: z (B, L) and conditions (B, G) to numbers of the shape of x.
        critic: x and conditions to one number a sample, (B,).
        latent: number of latent features L.
        output: the generator's numbers and uniform noise to samples; between -1 and 1 by default.
        rounds: moves of the critic for one of the generator, each on a fresh batch.
        conditional: whether the networks take the conditions of the data.
    """

    def __init__(
        self,
        generator: nn.Module,
        critic: nn.Module,
        latent: int,
        output: nn.Module | None = None,
        rounds: int = 1,
        conditional: bool = True,
    ) -> None:
        super().__init__()
        self.generator, self.critic, self.latent, self.rounds = generator, critic, latent, rounds
        self.output = Bounded() if output is None else output
        self.conditions = conditional  # of this model, not of its class

    @abc.abstractmethod
    def critic_loss(self, batch: Batch) -> Losses:
        """What the critic lowers."""

    @abc.abstractmethod
    def loss(self, batch: Batch) -> Losses:
        """What the generator lowers."""

    def conditioning(self, batch: Batch) -> Float[Tensor, "B G"]:
        """What the networks are conditioned on: each sample's conditions side by side, in the order of their names."""
        if not self.conditions or not batch.given:
            return batch.x.new_empty(len(batch), 0)
        return torch.stack([batch.given[name].float() for name in sorted(batch.given)], 1)

    def make(self, batch: Batch) -> Tensor:
        """As many samples as the batch has, under its conditions."""
        numbers = self.generator(batch.normal(self.latent), self.conditioning(batch))
        made: Tensor = self.output(numbers, batch.uniform(*numbers.shape[1:]))
        return made

    def judged(self, x: Tensor, batch: Batch) -> Tensor:
        """What the critic says of x under the batch's conditions."""
        said: Tensor = self.critic(x, self.conditioning(batch))
        return said

    def turns(self) -> list[Turn]:
        """The critic moves first, then the generator."""
        return [
            Turn("critic", tuple(self.critic.parameters()), self.critic_loss, self.rounds),
            Turn("generator", tuple(self.generator.parameters()), self.loss),
        ]

    @torch.no_grad()
    def decode(self, z: Float[Tensor, "B L"], given: Mapping[str, Tensor] | None = None) -> Batch:
        """The sample at each place of the latent space; where the output is drawn, the likelier value."""
        batch = Batch(z, {name: value.to(z.device) for name, value in (given or {}).items()})
        numbers = self.generator(z, self.conditioning(batch))
        return Batch(self.output(numbers, torch.full_like(numbers, 0.5)), batch.given)

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n draws under the given conditions, (n,) each."""
        conditions = {name: value.to(self.device) for name, value in (given or {}).items()}
        blank = Batch(torch.empty(n, 0, device=self.device), conditions)
        return Batch(self.make(blank), conditions)


def between(batch: Batch, made: Tensor) -> Tensor:
    """Points on the straight lines from each real sample to a made one, at a random place of each line."""
    place = batch.uniform(*[1] * (made.ndim - 1))
    return (batch.x + place * (made - batch.x)).detach().requires_grad_(True)


def slope(said: Float[Tensor, " B"], at: Tensor) -> Float[Tensor, " B"]:
    """The length of the critic's gradient at each point, with its own graph, to be learned from."""
    (gradient,) = torch.autograd.grad(said.sum(), at, create_graph=True)
    # at a flat place the length has no gradient of its own; the smallest number keeps it from being none
    return (gradient.flatten(1).square().sum(1) + torch.finfo(gradient.dtype).tiny).sqrt()
