"""A plain network: dense layers learned by cross-entropy, several averaged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool
from torch import Tensor
from torch.nn import functional

from simulacra.core.samples import Samples
from simulacra.models.base import Batch, Losses, Turn
from simulacra.networks.mlp import MLP
from simulacra.predictors.base import Foretell, standardized
from simulacra.predictors.network import seeded, trained


@dataclass(frozen=True)
class PlainNetwork:
    """What the classifying critic is without its game: gaps at the middle and marked.

    Args:
        width: features of the layers.
        steps: of training.
        batch: records in a step.
        rate: of learning.
        members: networks whose probabilities are averaged.
    """

    width: int = 64
    steps: int = 600
    batch: int = 64
    rate: float = 1e-3
    members: int = 2

    def learn(self, x: Samples, ill: Bool[np.ndarray, " n"], seed: int = 0) -> Foretell:
        """Learn by cross-entropy."""
        rows, features = standardized(x)
        seen, y = torch.as_tensor(rows(x), dtype=torch.float32), torch.as_tensor(ill.astype(np.int64))

        def made() -> MLP:
            network = MLP(features, self.width, self.width, 2)

            def loss(batch: Batch) -> Losses:
                return {"class": functional.cross_entropy(network(batch.x), batch.given["class"], reduction="none")}

            turn = Turn("network", tuple(network.parameters()), loss)
            trained([turn], network, seen, y, self.steps, self.batch, self.rate)
            return network.eval()

        networks = seeded(seed, self.members, made)

        @torch.no_grad()
        def foretell(of: Samples) -> np.ndarray:
            new: Tensor = torch.as_tensor(rows(of), dtype=torch.float32)
            return np.asarray(np.mean([torch.softmax(n(new).double(), 1)[:, 1].numpy() for n in networks], axis=0))

        return foretell
