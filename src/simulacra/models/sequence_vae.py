"""Variational autoencoder of aligned sequences; its bound scores mutants."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import functional_call

from simulacra.core.errors import BadInput
from simulacra.models.base import Batch, Losses, Model
from simulacra.models.states import drawn, log_likelihood, one_hot, parts_of
from simulacra.networks.mlp import MLP

AT_ONCE = 1024  # mutants decoded at a time
INNER = 4  # draws of z for each of the weights, in a score


@runtime_checkable
class Uncertain(Protocol):
    """A network whose weights have a law."""

    def divergence(self) -> Float[Tensor, ""]:
        """Of the law from its prior, nats, all weights together."""
        ...

    def perturbed(self) -> dict[str, Tensor]:
        """One set of weights by chance, by name."""
        ...


class SequenceVAE(Model):
    r"""$p(x) = \int \prod_i p(x_i \mid z)\,\mathcal N(z; 0, 1)\,dz$ over the states of L places.

    Trained to raise the evidence lower bound. Where the decoder's weights are uncertain, their divergence from the
    prior counts too, a sequence's share of it. Letters: B sequences, L places, S states; a negative state is missing:
    the encoder does not see it, and the likelihood leaves it out.

    Args:
        encoder: one-hot rows (B, L S) to the mean and the log-variance of q(z|x), side by side, (B, 2 latent).
        decoder: z (B, latent) to log-odds, (B, L, S) or (B, L S); `VariationalDecoder`, or an MLP.
        latent: number of latent features.
        columns: L.
        states: S.
        hidden: share of the places that the encoder does not see in training.
        draws: of z, and of the weights where they have a law, by which a mutant is scored.

    References:
        Deep generative models of genetic variation capture the effects of mutations (Riesselman, Ingraham & Marks,
        2018), doi:10.1038/s41592-018-0138-4
        Importance weighted autoencoders (Burda, Grosse & Salakhutdinov, 2016), arXiv:1509.00519
    """

    sequences: Tensor

    def __init__(
        self,
        encoder: nn.Module,
        decoder: nn.Module,
        latent: int,
        columns: int,
        states: int,
        hidden: float = 0.0,
        draws: int = 64,
    ) -> None:
        super().__init__()
        if not 0 <= hidden < 1:
            raise BadInput("the share of hidden places is in [0, 1)", f"hidden={hidden}", "take hidden=0.1")
        self.encoder, self.decoder, self.latent = encoder, decoder, latent
        self.columns, self.states, self.hidden, self.draws = columns, states, hidden, draws
        self.register_buffer("sequences", torch.tensor(1000.0))

    def count(self, data: Batch) -> None:
        """How much the weights' divergence counts: the data are taken to have as many rows as effective sequences."""
        self.sequences.fill_(float(len(data)))

    def posterior(self, x: Float[Tensor, "B L"]) -> tuple[Float[Tensor, "B D"], Float[Tensor, "B D"]]:
        """Mean and log-variance of q(z|x)."""
        mu, log_var = self.encoder(one_hot(x, self.states)).float().chunk(2, dim=-1)
        return mu, log_var.clamp(-12, 6)

    def odds(self, z: Float[Tensor, "B D"]) -> Float[Tensor, "B L S"]:
        """The log-odds of all states at each place."""
        odds: Tensor = self.decoder(z)
        return odds.float().view(len(z), self.columns, self.states)

    def loss(self, batch: Batch) -> Losses:
        """Nats a sequence: the reconstruction's, the divergence from the prior, and the weights' share."""
        seen = batch.x
        if self.training and self.hidden:
            seen = torch.where(batch.uniform(self.columns) < self.hidden, -1.0, seen)
        mu, log_var = self.posterior(seen)
        z = mu + (log_var / 2).exp() * batch.normal(self.latent)
        parts = {
            "reconstruction": -log_likelihood(self.odds(z), batch.x),
            "kl": 0.5 * (mu.square() + log_var.exp() - 1 - log_var).sum(1),
        }
        if isinstance(self.decoder, Uncertain):
            parts["weights"] = self.decoder.divergence() / self.sequences
        return parts

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n draws from p(x|z), not its mode."""
        return Batch(drawn(self.odds(torch.randn(n, self.latent, device=self.device))))

    @torch.no_grad()
    def bounds(self, x: Float[Tensor, "B L"], draws: int, inner: int = 1) -> Float[Tensor, "draws B"]:
        """The evidence lower bound of each sequence, nats, once for each draw; their mean is the bound.

        In a draw the weights are drawn once, where they have a law, and z so often as `inner` says, weighted by
        importance: the more, the nearer the bound to the logarithm of the evidence. All sequences share the draws of
        noise and of weights, so that differences between them are known better than the bounds themselves.
        """
        mu, log_var = (torch.cat(part) for part in zip(*map(self.posterior, parts_of(x, AT_ONCE)), strict=True))
        found = []
        for _ in range(draws):
            weights = self.decoder.perturbed() if isinstance(self.decoder, Uncertain) else {}
            ratios = []
            for _ in range(inner):
                epsilon = torch.randn(1, self.latent, device=self.device)
                z = mu + (log_var / 2).exp() * epsilon
                odds = [
                    log_likelihood(self._decoded(weights, some), y)
                    for some, y in zip(parts_of(z, AT_ONCE), parts_of(x, AT_ONCE), strict=True)
                ]
                prior, posterior = -0.5 * z.square().sum(1), -0.5 * (epsilon.square() + log_var).sum(1)
                ratios.append(torch.cat(odds) + prior - posterior)
            found.append(torch.logsumexp(torch.stack(ratios), 0) - math.log(inner))
        return torch.stack(found)

    def _decoded(self, weights: dict[str, Tensor], z: Tensor) -> Tensor:
        """The log-odds with these weights in the place of the means."""
        odds: Tensor = functional_call(self.decoder, weights, (z,))
        return odds.view(len(z), self.columns, self.states)

    @torch.no_grad()
    def log_odds(
        self, wild: Float[Tensor, " L"], mutants: Float[Tensor, "M L"]
    ) -> tuple[Float[Tensor, " M"], Float[Tensor, " M"]]:
        """The difference of the bounds, and its standard error over the draws, which mutant and wild type share."""
        self.eval()
        whole = self.bounds(torch.cat([wild[None], mutants]), max(2, self.draws // INNER), INNER)
        gap = whole[:, 1:] - whole[:, :1]
        return gap.mean(0), gap.std(0) / len(gap) ** 0.5

    @torch.no_grad()
    def encode(self, batch: Batch) -> Float[Tensor, "B D"]:
        """The mean of q(z|x)."""
        return self.posterior(batch.x)[0]

    @torch.no_grad()
    def decode(self, z: Float[Tensor, "B D"], given: Mapping[str, Tensor] | None = None) -> Batch:
        """The likeliest state at each place."""
        return Batch(self.odds(z).argmax(-1).float())


def example() -> tuple[SequenceVAE, Batch]:
    """The smallest one: the docs print it, the tests for every model run it."""
    return SequenceVAE(MLP(24, 16, 6), MLP(3, 16, 24), 3, 6, 4), Batch(torch.randint(0, 4, (32, 6)).float())
