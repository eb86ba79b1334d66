"""Stacked denoising autoencoder of rows: cells are blanked, level after level learns to bring them back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from simulacra.models.base import Batch, Losses, Model, Turn
from simulacra.networks.mlp import MLP

MAIN = "whole"


class StackedAutoencoder(Model):
    r"""Levels of encoders $h_k = \sigma(e_k(h_{k-1}))$ and decoders $d_k$, trained one by one and then as one.

    Rows are scaled to mean 0; what is missing, and what is blanked in training, is 0, as if it were the mean. A batch's
    mask says which cells are known. The loss is the squared error of known cells, those that were blanked counting
    fully and the others by `seen`.

    *What sampling means here.* It fills cells and has no law of rows. `sample` walks, as a denoising autoencoder can:
    from noise, again and again, to the row that it takes for the true one, plus noise of half a unit.

    Letters: B samples, D cells of a row, H features of a level.

    Args:
        encoders: of each level, from (B, H of the level below) to (B, H); cells below the first.
        decoders: of each level, back.
        width: cells of a row, D.
        blank: chance of a cell, or of a feature, to be blanked in training.
        seen: weight of the error in cells that were not blanked.

    References:
        Stacked denoising autoencoders (Vincent et al., 2010), JMLR 11:3371
        Adversarial training for disease prediction from electronic health records with missing data (Hwang, Choi &
        Yoon, 2017), arXiv:1711.04126
    """

    def __init__(
        self,
        encoders: Sequence[nn.Module],
        decoders: Sequence[nn.Module],
        width: int,
        blank: float = 0.25,
        seen: float = 0.25,
    ) -> None:
        super().__init__()
        self.encoders, self.decoders = nn.ModuleList(encoders), nn.ModuleList(decoders)
        self.width, self.blank, self.seen = width, blank, seen
        self.level: int | None = None  # the one in training; None for the whole

    def turns(self) -> list[Turn]:
        """The level in training, or the whole."""
        if self.level is None:
            return [Turn(MAIN, tuple(self.parameters()), self.loss)]
        level = (*self.encoders[self.level].parameters(), *self.decoders[self.level].parameters())
        return [Turn(f"level {self.level + 1}", level, self.loss)]

    def loss(self, batch: Batch) -> Losses:
        """The weighted error, one number a sample."""
        x = batch.x
        known = torch.ones_like(x) if batch.mask is None else batch.mask.to(x.dtype)
        x = x * known
        if self.level:
            with torch.no_grad():
                for encoder in list(self.encoders)[: self.level]:
                    x = torch.relu(encoder(x))
            known = torch.ones_like(x)
        kept = (batch.uniform(x.shape[1]) >= self.blank).to(x.dtype)
        if self.level is None:
            back = self.recovered(x * kept)
        else:
            back = self.decoders[self.level](torch.relu(self.encoders[self.level](x * kept)))
            back = torch.relu(back) if self.level else back
        weight = known * (1 - kept + self.seen * kept)
        return {"error": (weight * (back - x).square()).sum(1) / known.sum(1).clamp(min=1.0)}

    def recovered(self, x: Float[Tensor, "B D"]) -> Float[Tensor, "B D"]:
        """The rows behind these, in which 0 stands for what is not known."""
        for encoder in self.encoders:
            x = torch.relu(encoder(x))
        for k in range(len(self.decoders) - 1, -1, -1):
            x = self.decoders[k](x)
            x = torch.relu(x) if k else x
        return x

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        """n rows at the end of a walk; see above."""
        x = torch.randn(n, self.width, device=self.device)
        for _ in range(8):
            x = self.recovered(x) + 0.5 * torch.randn_like(x)
        return Batch(x)


def example() -> tuple[StackedAutoencoder, Batch]:
    """The smallest one: `simulacra show` prints it, the tests for every model run it."""
    model = StackedAutoencoder([MLP(6, 12), MLP(12, 8)], [MLP(12, 6), MLP(8, 12)], 6)
    return model, Batch(torch.randn(32, 6), mask=torch.rand(32, 6) < 0.8)
