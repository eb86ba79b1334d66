"""Importance-weighted autoencoder (MIWAE): a latent law of rows, its gaps filled by importance sampling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from simulacra.core.samples import Samples
from simulacra.domains.tables.filled import Filled
from simulacra.imputers.coded import Coded
from simulacra.imputers.trained_networks import parts_of, rows_of, trained
from simulacra.models.miwae import MIWAE as Model
from simulacra.networks.mlp import MLP
from simulacra.training.budget import Budget
from simulacra.training.seeds import seed_torch

AT_ONCE = 200
"""Rows that are filled at a time."""


@dataclass(frozen=True)
class MIWAE:
    """A variational autoencoder that learns from known cells alone. Its draws are of one network, whose own
    uncertainty they do not carry.

    Args:
        latent: latent features.
        width: features of the hidden layers.
        steps: training steps, of 64 rows.
        rate: highest learning rate.
        weighed: draws of z by which gaps are filled.

    References:
        MIWAE: deep generative modelling and imputation of incomplete data sets (Mattei & Frellsen, 2019),
        arXiv:1812.02633
    """

    carries: ClassVar[bool] = False
    latent: int = 10
    width: int = 128
    steps: int = 3000
    rate: float = 1e-3
    weighed: int = 500

    def fit(self, x: Samples, seed: int = 0) -> FittedMIWAE:
        """By the bound on the likelihood of known cells."""
        coded = Coded.of(x)
        rows = rows_of(x, coded)
        d = rows.x.shape[1]
        with torch.random.fork_rng(devices=[]):
            seed_torch(seed, torch.device("cpu"))
            encoder = MLP(d, self.width, self.width, 2 * self.latent)
            decoder = MLP(self.latent, self.width, self.width, 2 * d)
            model = Model(encoder, decoder, self.latent)
            budget = Budget(
                self.steps,
                batch=64,
                rate=self.rate,
                average=0.995,
                final=0.05,
                warmup=min(self.steps // 10, 50),
                looks=10,
            )
            trained(model, parts_of(rows, seed), budget, seed, "miwae")
        return FittedMIWAE(self, coded, model)


@dataclass(frozen=True, eq=False)
class FittedMIWAE:
    """The trained model and the scale of the columns."""

    setting: MIWAE
    coded: Coded
    model: Model

    def impute(self, x: Samples, draws: int, rng: np.random.Generator) -> Filled:
        """Means and draws by importance weights."""
        rows, gone = rows_of(x, self.coded), np.isnan(x.array)
        means, lists = [], []
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(rng.integers(2**31)))
            for first in range(0, len(x), AT_ONCE):
                mean, drawn = self.model.completed(rows[first : first + AT_ONCE], draws, self.setting.weighed)
                means.append(mean.double().numpy())
                lists.append(drawn.double().numpy())
        guess = np.where(gone, self.coded.inverse(np.concatenate(means)), x.array)
        tables = np.concatenate(lists, axis=1)
        drawn_cells = [np.where(gone, self.coded.chosen(one, rng), x.array) for one in tables]
        return Filled.of(x, guess, drawn_cells, False)


def example() -> MIWAE:
    """The smallest one."""
    return MIWAE(latent=2, width=8, steps=20, weighed=5)
