"""Normal scores by class: a law of its own for each, and within it a model of what is left of the scores."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn

from simulacra.core.errors import BadInput
from simulacra.models.base import Batch, Losses, Model, Turn


class LatentNormal(Model):
    r"""$k \sim w$, then $z = \mu_k + L_k u$; $u$ is standard normal, or whatever the inner model learns it to be.

    Mean and covariance of each class are counted, not trained. Covariances borrow from what is common to all classes,
    and from independent scores, as much as so many rows more would say. The inner model sees the scores made white:
    what a normal law leaves unsaid. A score that never changes stays as it is.

    Letters: B records, Q scores, K classes. A batch holds the class in its first number, the scores after it.

    Args:
        scores: Q.
        classes: K; 1 for a table without.
        inner: of white scores (B, Q), given "class"; None for a Gaussian copula.
        borrow: rows' worth of the covariance that all classes share.
        ridge: rows' worth of independent scores.

    References:
        The estimation method of inference functions for margins for multivariate models (Joe & Xu, 1996),
        doi:10.14288/1.0225985
    """

    weight: Tensor
    mean: Tensor
    root: Tensor

    def __init__(
        self, scores: int, classes: int = 1, inner: Model | None = None, borrow: float = 5.0, ridge: float = 0.5
    ) -> None:
        super().__init__()
        if scores < 1 or classes < 1:
            raise BadInput("a record has a score and a class at least", f"{scores}, {classes}", "give 1 or more")
        self.scores, self.classes, self.inner, self.borrow, self.ridge = scores, classes, inner, borrow, ridge
        self.log_width = nn.Parameter(torch.zeros(()))  # of all scores together; 0 where they are as was counted
        self.register_buffer("weight", torch.full((classes,), 1.0 / classes))
        self.register_buffer("mean", torch.zeros(classes, scores))
        self.register_buffer("root", torch.eye(scores).repeat(classes, 1, 1))

    def count(self, data: Batch) -> None:
        """Shares, means and covariances of the classes in the training set."""
        k, z = data.x[:, 0].long(), data.x[:, 1:].double()
        eye = torch.eye(self.scores, dtype=torch.float64, device=z.device)
        counts = torch.bincount(k, minlength=self.classes).double()
        common = z.mean(0)
        means = torch.stack([z[k == i].mean(0) if counts[i] > 0 else common for i in range(self.classes)])
        apart = z - means[k]
        shared = apart.T @ apart / max(1.0, float(len(z) - (counts > 0).sum()))
        for i in range(self.classes):
            own = apart[k == i]
            sum_of = own.T @ own + self.borrow * shared + self.ridge * eye
            covariance = sum_of / (max(float(counts[i]) - 1, 0.0) + self.borrow + self.ridge)
            self.root[i] = torch.linalg.cholesky(covariance + 1e-9 * eye).float()
        self.weight.copy_((counts / counts.sum()).float())
        self.mean.copy_(means.float())

    def white(self, x: Float[Tensor, "B Q1"]) -> Batch:
        """The scores as the inner model sees them, with the class."""
        k = x[:, 0].long()
        u = torch.linalg.solve_triangular(self.root[k], (x[:, 1:] - self.mean[k])[..., None], upper=False)[..., 0]
        return Batch(u, {"class": k.float()})

    def loss(self, batch: Batch) -> Losses:
        """Nats a record: of normal scores, or the inner model's own losses."""
        with torch.no_grad():
            seen = self.white(batch.x)
        if self.inner is not None:
            return self.inner.loss(Batch(seen.x, seen.given, None, batch.noise))
        squares = (seen.x * (-self.log_width).exp()).square().sum(1)
        return {"scores": 0.5 * squares + self.scores * (self.log_width + 0.5 * math.log(2 * math.pi))}

    def turns(self) -> list[Turn]:
        """The inner model learns, where there is one; else the width of all scores."""
        learned = (self.log_width,) if self.inner is None else tuple(self.inner.parameters())
        return [Turn("model", learned, self.loss)]

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n records, their classes by their shares."""
        k = torch.multinomial(self.weight, n, replacement=True)
        if self.inner is None:
            u = self.log_width.exp() * torch.randn(n, self.scores, device=self.device)
        else:
            u = self.inner.sample(n, {"class": k.float()}).x
        z = self.mean[k] + (self.root[k] @ u[..., None])[..., 0]
        return Batch(torch.cat([k[:, None].to(z), z], 1))


def example() -> tuple[LatentNormal, Batch]:
    """The smallest one: `simulacra show` prints it, the tests for every model run it."""
    k = torch.arange(32) % 2
    return LatentNormal(3, 2), Batch(torch.cat([k[:, None].float(), torch.randn(32, 3) + k[:, None]], 1))
