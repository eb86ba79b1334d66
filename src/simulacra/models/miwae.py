"""Importance-weighted autoencoder of rows with gaps (MIWAE): a latent law learned from the cells that are known."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from simulacra.models.base import Batch, Losses, Model
from simulacra.networks.mlp import MLP

FREEDOM = 4
"""Degrees of freedom of a cell's law: heavier tails than the normal law, so that one odd cell moves little."""
CONSTANT = math.lgamma((FREEDOM + 1) / 2) - math.lgamma(FREEDOM / 2) - 0.5 * math.log(FREEDOM * math.pi)


@dataclass(frozen=True)
class Students:
    """Student's law of each cell.

    Args:
        mean: where it lies.
        log_scale: logarithm of its scale.
    """

    mean: Tensor
    log_scale: Tensor

    def log_prob(self, x: Tensor) -> Tensor:
        """Log-density of each cell."""
        apart = (x - self.mean) * (-self.log_scale).exp()
        return CONSTANT - self.log_scale - (FREEDOM + 1) / 2 * torch.log1p(apart.square() / FREEDOM)

    def draw(self) -> Tensor:
        """A draw of each cell: a normal number over the root mean square of four others."""
        noise = torch.randn(FREEDOM + 1, *self.mean.shape, device=self.mean.device)
        return self.mean + self.log_scale.exp() * noise[0] / noise[1:].square().mean(0).sqrt()


class MIWAE(Model):
    r"""Latent-variable law of rows, fitted to the likelihood of known cells, $\log p(x_\text{known})$.

    Trained to raise $\mathbb{E} \log \frac1K \sum_k p(x_\text{known} \mid z_k)\, p(z_k) / q(z_k \mid x_\text{known})$,
    a bound that grows tight with K. Missing cells are 0 in what the encoder sees. Gaps are filled by importance
    sampling: draws of z from q, weighted by the same ratio. Given z, cells are independent, each by Student's law.

    Letters: B samples, D cells, L latent features, K draws of z.

    Args:
        encoder: rows (B, D) with 0 in gaps to mean and log-variance of q(z|x), (B, 2 L).
        decoder: z (…, L) to mean and log-scale of each cell, (…, 2 D).
        latent: L.
        draws: K in training.

    References:
        MIWAE: deep generative modelling and imputation of incomplete data sets (Mattei & Frellsen, 2019),
        arXiv:1812.02633
        Importance weighted autoencoders (Burda, Grosse & Salakhutdinov, 2016), arXiv:1509.00519
    """

    def __init__(self, encoder: nn.Module, decoder: nn.Module, latent: int, draws: int = 20) -> None:
        super().__init__()
        self.encoder, self.decoder, self.latent, self.draws = encoder, decoder, latent, draws

    def cells(self, z: Float[Tensor, "... L"]) -> Students:
        """The law of each cell given z."""
        flat = self.decoder(z.reshape(-1, self.latent))
        mean, log_scale = flat.reshape(*z.shape[:-1], -1).chunk(2, dim=-1)
        return Students(mean, log_scale.clamp(-5.0, 3.0))

    def weights(
        self, x: Float[Tensor, "B D"], known: Float[Tensor, "B D"], noise: Float[Tensor, "K B L"]
    ) -> tuple[Float[Tensor, "K B"], Students]:
        """Log-weights of draws of z, and the laws of the cells there."""
        mean, log_var = self.encoder(x * known).chunk(2, dim=-1)
        log_var = log_var.clamp(-10.0, 6.0)
        z = mean + (log_var / 2).exp() * noise
        cells = self.cells(z)
        likely = (cells.log_prob(x) * known).sum(-1)
        ratio = 0.5 * (noise.square() - z.square() + log_var).sum(-1)  # of the prior to q
        return likely + ratio, cells

    def loss(self, batch: Batch) -> Losses:
        """Minus the bound, nats a sample."""
        known = torch.ones_like(batch.x) if batch.mask is None else batch.mask.to(batch.x.dtype)
        noise = batch.normal(self.draws, self.latent).transpose(0, 1)
        weight, _ = self.weights(batch.x * known, known, noise)
        bound = torch.logsumexp(weight, 0) - math.log(self.draws)
        return {"surprise": -bound}

    @torch.no_grad()
    def completed(self, batch: Batch, m: int, draws: int = 200) -> tuple[Float[Tensor, "B D"], Float[Tensor, "m B D"]]:
        """Gaps filled: means by importance weights, and m draws, each from one z taken by its weight.

        Args:
            batch: rows with a mask of known cells.
            m: rows drawn for each.
            draws: of z, by which both are weighted.
        """
        x = batch.x
        known = torch.ones_like(x) if batch.mask is None else batch.mask.to(x.dtype)
        noise = torch.randn(draws, len(x), self.latent, device=x.device)
        weight, cells = self.weights(x * known, known, noise)
        share = torch.softmax(weight, 0)
        mean = (share[:, :, None] * cells.mean).sum(0)
        drawn = torch.empty(m, *x.shape, device=x.device)
        if m:
            picked = torch.multinomial(share.T, m, replacement=True).T  # (m, B)
            rows = torch.arange(len(x), device=x.device)
            for k in range(m):
                law = Students(cells.mean[picked[k], rows], cells.log_scale[picked[k], rows])
                drawn[k] = torch.where(known > 0, x, law.draw())
        return torch.where(known > 0, x, mean), drawn

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n rows, z from the prior and each cell from its law."""
        return Batch(self.cells(torch.randn(n, self.latent, device=self.device)).draw())


def example() -> tuple[MIWAE, Batch]:
    """The smallest one: `simulacra show` prints it, the tests for every model run it."""
    model = MIWAE(MLP(6, 16, 4), MLP(2, 16, 12), latent=2, draws=3)
    return model, Batch(torch.randn(32, 6), mask=torch.rand(32, 6) < 0.8)
