"""Objects of two types, one of which has more numbers than the other: the type by its share, the numbers by a flow."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor

from simulacra.models.base import Batch, Losses, Model, Turn
from simulacra.networks.coupling import Coupling


class FlowByType(Model):
    r"""$p(t)\,p(x \mid t)$: shares are counted, and each type has a flow of its own, learned by its exact likelihood.

    Letters: B objects, D numbers of the type that has all of them. A batch holds the type in its first number, then
    D numbers; a 1 marks the type that has the first d alone, whose others are 0.

    Args:
        few: density of the d numbers of type 1.
        all: density of the D numbers of type 0.
    """

    share: Tensor

    def __init__(self, few: Coupling, all: Coupling) -> None:
        super().__init__()
        self.few, self.all = few, all
        self.register_buffer("share", torch.tensor(0.5))

    def count(self, data: Batch) -> None:
        """The share of type 1 in the training set."""
        self.share.copy_(data.x[:, 0].mean().clamp(1e-6, 1 - 1e-6))

    def log_prob(self, x: Float[Tensor, "B D1"]) -> Float[Tensor, " B"]:
        """Nats of each object, its type's among them."""
        mark = x[:, 0] > 0.5
        few = self.few.log_prob(x[:, 1 : 1 + len(self.few.mean)]) + self.share.log()
        return torch.where(mark, few, self.all.log_prob(x[:, 1:]) + (1 - self.share).log())

    def loss(self, batch: Batch) -> Losses:
        """Minus the log-likelihood."""
        return {"surprise": -self.log_prob(batch.x)}

    def turns(self) -> list[Turn]:
        """Both flows learn together."""
        return [Turn("model", tuple(self.parameters()), self.loss)]

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n objects, types by their shares."""
        mark = (torch.rand(n, 1, device=self.device) < self.share).to(self.few.mean)
        d, whole = len(self.few.mean), len(self.all.mean)
        few = self.few.inverse(torch.randn(n, d, device=self.device))
        few = torch.cat([few, few.new_zeros(n, whole - d)], 1)
        every = self.all.inverse(torch.randn(n, whole, device=self.device))
        return Batch(torch.cat([mark, mark * few + (1 - mark) * every], 1))


def example() -> tuple[FlowByType, Batch]:
    """The smallest one: `simulacra show` prints it, the tests for every model run it."""
    mark = (torch.arange(32) % 2)[:, None].float()
    x = torch.randn(32, 4) + mark
    x[:, 2:] *= 1 - mark
    return FlowByType(Coupling(2, 8, 2), Coupling(4, 8, 2)), Batch(torch.cat([mark, x], 1))
