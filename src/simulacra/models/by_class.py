"""A class, drawn by its share, and a row of it by a model that is conditioned on the class."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from simulacra.models.base import Batch, Losses, Model, Turn
from simulacra.models.tvae import TVAE
from simulacra.networks.mlp import MLP


class ByClass(Model):
    """p(k) p(x | k): shares are counted, the rest is the inner model's. A batch holds the class in its first number.

    Args:
        inner: a model of rows, conditioned on "class".
        classes: K; 1 for a table without.
    """

    weight: Tensor

    def __init__(self, inner: Model, classes: int = 1) -> None:
        super().__init__()
        self.inner, self.classes = inner, classes
        self.register_buffer("weight", torch.full((classes,), 1.0 / classes))

    def count(self, data: Batch) -> None:
        """Shares of the classes in the training set."""
        counts = torch.bincount(data.x[:, 0].long(), minlength=self.classes).to(self.weight)
        self.weight.copy_(counts / counts.sum())

    def loss(self, batch: Batch) -> Losses:
        """The inner model's."""
        return self.inner.loss(Batch(batch.x[:, 1:], {"class": batch.x[:, 0]}, None, batch.noise))

    def turns(self) -> list[Turn]:
        """The inner model learns."""
        return [Turn("model", tuple(self.inner.parameters()), self.loss)]

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n rows, their classes by their shares."""
        k = torch.multinomial(self.weight, n, replacement=True).float()
        return Batch(torch.cat([k[:, None], self.inner.sample(n, {"class": k}).x], 1))


def example() -> tuple[ByClass, Batch]:
    """The smallest one: `simulacra show` prints it, the tests for every model run it."""
    inner = TVAE(MLP(3 + 2, 16, 4), MLP(2 + 2, 16, 3), features=3, latent=2, classes=2)
    k = torch.arange(32) % 2
    return ByClass(inner, 2), Batch(torch.cat([k[:, None].float(), torch.randn(32, 3) + k[:, None]], 1))
