"""Importance-weighted autoencoder of rows with gaps (MIWAE): a latent law learned from the cells that are known."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.distributions import Normal, StudentT

from simulacra.models.base import Batch, Losses, Model
from simulacra.networks.mlp import MLP

FREEDOM = 4.0
"""Degrees of freedom of a cell's law: heavier tails than the normal law, so that one odd cell moves little."""


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

    def cells(self, z: Float[Tensor, "... L"]) -> StudentT:
        """The law of each cell given z."""
        flat = self.decoder(z.reshape(-1, self.latent))
        mean, log_scale = flat.reshape(*z.shape[:-1], -1).chunk(2, dim=-1)
        freedom = torch.full_like(mean, FREEDOM)
        return StudentT(freedom, mean, log_scale.clamp(-5.0, 3.0).exp(), validate_args=False)

    def weights(
        self, x: Float[Tensor, "B D"], known: Float[Tensor, "B D"], noise: Float[Tensor, "K B L"]
    ) -> tuple[Float[Tensor, "K B"], StudentT]:
        """Log-weights of draws of z, and the laws of the cells there."""
        mean, log_var = self.encoder(x * known).chunk(2, dim=-1)
        sd = (log_var.clamp(-10.0, 6.0) / 2).exp()
        z = mean + sd * noise
        cells = self.cells(z)
        likely = (cells.log_prob(x) * known).sum(-1)
        prior = Normal(torch.zeros_like(z), torch.ones_like(z), validate_args=False).log_prob(z).sum(-1)
        proposal = Normal(mean, sd, validate_args=False).log_prob(z).sum(-1)
        return likely + prior - proposal, cells

    def loss(self, batch: Batch) -> Losses:
        """Minus the bound, nats a sample."""
        known = torch.ones_like(batch.x) if batch.mask is None else batch.mask.to(batch.x.dtype)
        noise = batch.normal(self.draws, self.latent).transpose(0, 1)
        weight, _ = self.weights(batch.x * known, known, noise)
        bound = torch.logsumexp(weight, 0) - torch.log(weight.new_tensor(float(self.draws)))
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
                law = StudentT(cells.df[picked[k], rows], cells.loc[picked[k], rows], cells.scale[picked[k], rows])
                drawn[k] = torch.where(known > 0, x, law.sample())
        return torch.where(known > 0, x, mean), drawn

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n rows, z from the prior and each cell from its law."""
        return Batch(self.cells(torch.randn(n, self.latent, device=self.device)).sample())


def example() -> tuple[MIWAE, Batch]:
    """The smallest one: `simulacra show` prints it, the tests for every model run it."""
    model = MIWAE(MLP(6, 16, 4), MLP(2, 16, 12), latent=2, draws=3)
    return model, Batch(torch.randn(32, 6), mask=torch.rand(32, 6) < 0.8)
