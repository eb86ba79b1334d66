"""The classifying critic of an auxiliary-classifier GAN: it learns classes from true and from made records."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool
from torch import Tensor

from simulacra.core.samples import Samples
from simulacra.models.acgan import ACGAN
from simulacra.models.adversary import Unbounded
from simulacra.networks.dense_gan import DenseGANGenerator
from simulacra.networks.mlp import MLP
from simulacra.predictors.base import Foretell, standardized
from simulacra.predictors.network import seeded, trained


@dataclass(frozen=True)
class ClassifyingGAN:
    """Generator and critic play; the critic's classes are what is said. Gaps stand at the middle and are marked.

    The game keeps the critic from being too sure: its weights must also serve records that the generator makes.

    Args:
        width: features of the networks' layers.
        latent: hidden numbers of a made record.
        weight: of the classes against true or made.
        steps: of training.
        batch: records in a step.
        rate: of learning.
        members: critics whose probabilities are averaged.

    References:
        Conditional image synthesis with auxiliary classifier GANs (Odena, Olah & Shlens, 2017), arXiv:1610.09585
        Disease prediction from electronic health records using generative adversarial networks (Hwang, Choi & Yoon,
        2017), arXiv:1711.04126
    """

    width: int = 64
    latent: int = 16
    weight: float = 1.0
    steps: int = 600
    batch: int = 64
    rate: float = 1e-3
    members: int = 2

    def learn(self, x: Samples, ill: Bool[np.ndarray, " n"], seed: int = 0) -> Foretell:
        """Play."""
        rows, features = standardized(x)
        seen, y = torch.as_tensor(rows(x), dtype=torch.float32), torch.as_tensor(ill.astype(np.int64))

        def made() -> MLP:
            critic = MLP(features, self.width, self.width, 3)
            generator = DenseGANGenerator(self.latent, self.width, features, conditions=2)
            game = ACGAN(generator, critic, self.latent, 2, Unbounded(), self.weight)
            trained(game.turns(), critic, seen, y, self.steps, self.batch, self.rate)
            return critic.eval()

        critics = seeded(seed, self.members, made)

        @torch.no_grad()
        def foretell(of: Samples) -> np.ndarray:
            new: Tensor = torch.as_tensor(rows(of), dtype=torch.float32)
            said = [torch.softmax(c(new)[:, 1:].double(), 1)[:, 1].numpy() for c in critics]
            return np.asarray(np.mean(said, axis=0))

        return foretell
