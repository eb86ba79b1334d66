"""Stacked denoising autoencoder: a network learns to bring back blanked cells, level by level, as in Hwang et al."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np
import torch

from simulacra.core.chance import stream
from simulacra.core.samples import Samples
from simulacra.domains.tables.filled import Filled
from simulacra.imputers.coded import Coded
from simulacra.imputers.trained_networks import parts_of, rows_of, trained
from simulacra.models.base import Batch
from simulacra.models.stacked_autoencoder import StackedAutoencoder
from simulacra.networks.mlp import MLP
from simulacra.training.budget import Budget
from simulacra.training.seeds import seed_torch


@dataclass(frozen=True)
class DenoisingAutoencoder:
    """The mean of blanked cells given the others, by a stack of two levels.

    Its draws add normal noise of the size of its errors on blanked cells of held-out rows, each cell for itself: they
    know nothing of how gaps of one row go together, nor of the uncertainty of the network.

    Args:
        widths: features of the first and of the second level, in cells of a row; "4,2" is four times as many, then two.
        blank: share of cells that are blanked in training.
        steps: training steps of the whole; each level alone takes a quarter as many.
        rate: highest learning rate.

    References:
        Adversarial training for disease prediction from electronic health records with missing data (Hwang, Choi &
        Yoon, 2017), arXiv:1711.04126
        Stacked denoising autoencoders (Vincent et al., 2010), JMLR 11:3371
    """

    carries: ClassVar[bool] = False
    widths: str = "4,2"
    blank: float = 0.25
    steps: int = 3000
    rate: float = 2e-3

    def fit(self, x: Samples, seed: int = 0) -> FittedAutoencoder:
        """Levels one by one, then all together."""
        coded = Coded.of(x)
        rows = rows_of(x, coded)
        d = rows.x.shape[1]
        sizes = [d, *(max(4, round(float(w) * d)) for w in self.widths.split(","))]
        with torch.random.fork_rng(devices=[]):
            seed_torch(seed, torch.device("cpu"))
            encoders = [MLP(a, b) for a, b in pairwise(sizes)]
            decoders = [MLP(b, a) for a, b in pairwise(sizes)]
            model = StackedAutoencoder(encoders, decoders, d, self.blank)
            parts = parts_of(rows, seed)
            for level in range(len(encoders)):
                model.level = level
                trained(model, parts, self._budget(max(1, self.steps // 4)), seed, "level")
            model.level = None
            trained(model, parts, self._budget(self.steps), seed, "denoising_autoencoder")
        return FittedAutoencoder(coded, model, errors(model, parts[1], seed, self.blank))

    def _budget(self, steps: int) -> Budget:
        return Budget(steps, batch=64, rate=self.rate, average=0.995, final=0.05, warmup=min(steps // 10, 50), looks=10)


@dataclass(frozen=True, eq=False)
class FittedAutoencoder:
    """The trained network, the scale of the columns, and its error in each feature, (f,)."""

    coded: Coded
    model: StackedAutoencoder
    spread: np.ndarray

    @torch.no_grad()
    def impute(self, x: Samples, draws: int, rng: np.random.Generator) -> Filled:
        """One pass; draws with noise."""
        rows, gone = rows_of(x, self.coded), np.isnan(x.array)
        back = self.model.recovered(rows.x).double().numpy()
        guess = np.where(gone, self.coded.inverse(back), x.array)
        drawn = []
        for _ in range(draws):
            noisy = back + self.spread * rng.standard_normal(back.shape)
            drawn.append(np.where(gone, self.coded.chosen(noisy, rng), x.array))
        return Filled.of(x, guess, drawn, False)


@torch.no_grad()
def errors(model: StackedAutoencoder, held: Batch, seed: int, blank: float) -> np.ndarray:
    """Root mean square error of blanked cells of held-out rows, by feature; the mean of all where one has few."""
    assert held.mask is not None
    rng = stream(seed, "imputer", 1)
    total, count = np.zeros(held.x.shape[1]), np.zeros(held.x.shape[1])
    known = held.mask.numpy()
    for _ in range(20):
        out = (rng.random(known.shape) < blank) & known
        back = model.recovered(held.x * torch.from_numpy(~out)).numpy()
        total += (((back - held.x.numpy()) ** 2) * out).sum(axis=0)
        count += out.sum(axis=0)
    overall = total.sum() / max(count.sum(), 1.0)
    return np.asarray(np.sqrt((total + 5 * overall) / (count + 5)))


def example() -> DenoisingAutoencoder:
    """The smallest one."""
    return DenoisingAutoencoder(widths="2,1", steps=20)
