"""Small models and how they are trained, for the tests of the training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from simulacra.models.base import Batch, Losses, Model, Turn
from simulacra.runs import Run
from simulacra.training.budget import Budget
from simulacra.training.loop import train


class Coder(Model):
    """An autoencoder of vectors that sees them through noise, with dropout to draw on the global generator."""

    def __init__(self, features: int = 6, hidden: int = 16) -> None:
        super().__init__()
        self.down = nn.Sequential(nn.Linear(features, hidden), nn.Tanh(), nn.Dropout(0.1), nn.Linear(hidden, 2))
        self.up = nn.Sequential(nn.Linear(2, hidden), nn.Tanh(), nn.Linear(hidden, features))

    def loss(self, batch: Batch) -> Losses:
        z = self.down(batch.x + 0.1 * batch.normal(batch.x.shape[1]))
        return {"error": (self.up(z) - batch.x).square().sum(1), "size": 0.01 * z.square().mean()}

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        return Batch(self.up(torch.randn(n, 2, device=self.device)))


class Rivals(Model):
    """A generator and a critic of vectors; the critic moves twice, and its loss has a gradient inside."""

    def __init__(self, features: int = 4) -> None:
        super().__init__()
        self.generator = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, features))
        self.critic = nn.Sequential(nn.Linear(features, 16), nn.SiLU(), nn.Linear(16, 1))

    def loss(self, batch: Batch) -> Losses:
        return self.judge(batch)

    def judge(self, batch: Batch) -> Losses:
        fake = self.generator(batch.normal(3)).detach()
        x = batch.x.clone().requires_grad_()
        y = self.critic(x)
        (slope,) = torch.autograd.grad(y.sum(), x, create_graph=True)
        return {"truth": -y[:, 0], "fake": self.critic(fake)[:, 0], "slope": slope.square().sum(1)}

    def deceive(self, batch: Batch) -> Losses:
        return {"fooled": -self.critic(self.generator(batch.normal(3)))[:, 0]}

    def turns(self) -> list[Turn]:
        return [
            Turn("critic", tuple(self.critic.parameters()), self.judge, times=2),
            Turn("generator", tuple(self.generator.parameters()), self.deceive),
        ]

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        return Batch(self.generator(torch.randn(n, 3, device=self.device)))


class Point(Model):
    """Two numbers that a quadratic loss pulls to the samples' mean; `parts` may be told per sample or as a whole."""

    def __init__(self, whole: bool = False) -> None:
        super().__init__()
        self.mu, self.whole = nn.Parameter(torch.zeros(2)), whole

    def loss(self, batch: Batch) -> Losses:
        part = (batch.x - self.mu).square().sum(1)
        return {"far": part.mean() if self.whole else part}

    @torch.no_grad()
    def sample(self, n: int, given: Mapping[str, Tensor] | None = None) -> Batch:
        return Batch(self.mu.expand(n, 2).clone())


BUILD = {"one turn": (Coder, 6), "two turns": (Rivals, 4)}


def made(name: str) -> Model:
    torch.manual_seed(7)
    return BUILD[name][0]()


def quiet(name: str) -> Model:
    """A model without dropout, whose noise all comes from the batch."""
    model = made(name)
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    return model


def vectors(n: int, features: int, seed: int = 0) -> Batch:
    return Batch(torch.from_numpy(np.random.default_rng(seed).standard_normal((n, features), dtype=np.float32)))


def fit(folder: Path, model: Model, budget: Budget, n: int = 100, **more: Any) -> Run:  # noqa: ANN401
    run = Run.create(folder, "test", {}, seed=3)
    features = 2 if isinstance(model, Point) else next(f for kind, f in BUILD.values() if isinstance(model, kind))
    data = more.pop("data", vectors(n, features))
    train(model, data, vectors(50, features, seed=1), budget, 3, run, **more)
    return run


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
