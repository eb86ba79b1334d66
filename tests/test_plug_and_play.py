"""Climbing with a classifier draws from the posterior: where that is known, mean and covariance are met."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from simulacra.core.errors import BadInput
from simulacra.models.base import Batch
from simulacra.models.plug_and_play import PlugAndPlay
from simulacra.models.vae import VAE
from simulacra.networks.mlp import MLP

LATENT, WALKS = 3, 4000
LEVEL = NormalDist().inv_cdf(1 - 1e-5)  # nine numbers a case, five cases: a false alarm in two thousand runs


class Logistic(nn.Module):
    """Class 1 with probability σ(w·x + b): one of two numbers is zero."""

    def __init__(self, w: Tensor, b: float) -> None:
        super().__init__()
        self.w, self.b = nn.Parameter(w), nn.Parameter(torch.tensor(b))

    def forward(self, x: Tensor) -> Tensor:
        logit = x @ self.w + self.b
        return torch.stack([torch.zeros_like(logit), logit], 1)


def linear(steepness: float, offset: float, moves: int) -> tuple[PlugAndPlay, Tensor]:
    """A linear decoder G(z) = A z and a logistic classifier of x; and the direction a that the class depends on."""
    torch.manual_seed(0)
    decoder = nn.Linear(LATENT, 5, bias=False)
    w = torch.randn(5)
    a = decoder.weight.detach().T @ w
    model = PlugAndPlay(VAE(MLP(5, 2 * LATENT), decoder, LATENT), Logistic(w * steepness / a.norm(), offset), moves)
    return model.eval(), a / a.norm()


def moments(steepness: float, offset: float, sign: int) -> tuple[float, float, float]:
    """Mean, variance and fourth central moment of the density N(t) σ(±(s t + b)) along a, by the trapezoid."""
    t = np.linspace(-9, 9, 20_001)
    p = np.exp(-0.5 * t**2) / (1 + np.exp(-sign * (steepness * t + offset)))
    p /= p.sum()
    mean = float((p * t).sum())
    return mean, float((p * (t - mean) ** 2).sum()), float((p * (t - mean) ** 4).sum())


@pytest.mark.parametrize(
    ("steepness", "offset", "asked"), [(1.0, 0.0, 1), (4.0, 0.0, 0), (4.0, -4.0, 1), (1.0, -3.0, 1), (20.0, 0.0, 1)]
)
def test_the_posterior_of_a_linear_decoder_and_a_logistic_classifier_is_met(
    steepness: float, offset: float, asked: int
) -> None:
    model, a = linear(steepness, offset, moves=120)
    torch.manual_seed(1)
    z, _ = model.climb(torch.full((WALKS,), asked))
    mean, variance, fourth = moments(steepness, offset, 1 if asked else -1)
    # walks are independent: the standard error of a mean is σ/√n, of a variance √((μ₄ − σ⁴)/n)
    along = z @ a
    assert abs(along.mean().item() - mean) < LEVEL * math.sqrt(variance / WALKS)
    assert abs(along.var().item() - variance) < LEVEL * math.sqrt((fourth - variance**2) / WALKS)
    # across it, the prior: standard normal and uncorrelated with the way along
    across = torch.linalg.qr(torch.cat([a[:, None], torch.eye(3)[:, :2]], 1)).Q[:, 1:]
    for other in (z @ across).T:
        assert abs(other.mean().item()) < LEVEL / math.sqrt(WALKS)
        assert abs(other.var().item() - 1) < LEVEL * math.sqrt(2 / WALKS)
        together = ((along - mean) * other).mean().item()
        assert abs(together) < LEVEL * math.sqrt(variance / WALKS)
    # the same bounds tell the prior, from which the walks began
    assert abs(mean) > LEVEL * math.sqrt(variance / WALKS)


def test_without_a_classifier_to_follow_the_prior_is_drawn() -> None:
    model, _ = linear(0.0, 0.0, moves=40)
    torch.manual_seed(2)
    z, taken = model.climb(torch.ones(WALKS, dtype=torch.long))
    assert 0.3 < taken < 0.85  # moves were made
    # |z|² of each is chi-squared with three degrees of freedom: mean 3, variance 6
    assert abs(z.square().sum(1).mean().item() - LATENT) < LEVEL * math.sqrt(2 * LATENT / WALKS)


def test_the_step_is_tuned_to_the_best_share_of_moves() -> None:
    """Half the walk tunes; what is left to chance is the mean of 60 × 4,000 chances between 0 and 1."""
    model, _ = linear(20.0, 0.0, moves=120)
    torch.manual_seed(3)
    _, taken = model.climb(torch.ones(WALKS, dtype=torch.long))
    # each update answers the share just seen, whose error is at most ½/√4000; the law still drifts a little
    assert abs(taken - 0.574) < 0.03


def test_the_gradient_is_that_of_what_the_classifier_says() -> None:
    model, _ = linear(4.0, 1.0, moves=2)
    model = model.double()
    z, c = torch.randn(6, LATENT, dtype=torch.float64), torch.arange(6) % 2
    _, gradient = model.says(z, c)
    for i in range(LATENT):
        step = torch.zeros(LATENT, dtype=torch.float64)
        step[i] = 1e-5
        rise = (model.says(z + step, c)[0] - model.says(z - step, c)[0]) / 2e-5
        assert torch.allclose(rise, gradient[:, i], atol=1e-7)


def test_neither_learns_from_the_other() -> None:
    torch.manual_seed(4)
    model = PlugAndPlay(VAE(MLP(6, 4), MLP(2, 6), 2), MLP(6, 3))
    batch = Batch(torch.randn(8, 6), {"class": torch.arange(8) % 3})
    torch.stack([part.mean() for part in model.loss(batch).values()]).sum().backward()
    assert all(p.grad is None for p in model.classifier.parameters())
    model.zero_grad()
    torch.stack([part.mean() for part in model.classifier_loss(batch).values()]).sum().backward()
    assert all(p.grad is None or not p.grad.any() for p in model.plain.parameters())


def test_a_walk_needs_two_moves() -> None:
    with pytest.raises(BadInput, match="a move to tune"):
        PlugAndPlay(VAE(MLP(6, 4), MLP(2, 6), 2), MLP(6, 3), moves=1)
