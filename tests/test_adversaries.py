"""Penalties meet their closed form on a linear critic, and each game's losses are those of its definition."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from simulacra.models.acgan import ACGAN
from simulacra.models.adversary import Unbounded, between, slope
from simulacra.models.base import Batch
from simulacra.models.pacgan import PacGAN
from simulacra.models.wgan_div import WGANDiv
from simulacra.models.wgan_gp import WGANGP


class Linear(nn.Module):
    """C(x) = a · x: its slope is |a| everywhere."""

    def __init__(self, *a: float) -> None:
        super().__init__()
        self.a = nn.Parameter(torch.tensor(a))

    def forward(self, x: Tensor, given: Tensor) -> Tensor:
        return x @ self.a


class Square(nn.Module):
    """C(x) = |x|² / 2: its slope at x is |x|."""

    def forward(self, x: Tensor, given: Tensor) -> Tensor:
        return 0.5 * x.square().sum(1)


class Fixed(nn.Module):
    """A generator of one place."""

    def __init__(self, *place: float) -> None:
        super().__init__()
        self.place = nn.Parameter(torch.tensor(place))

    def forward(self, z: Tensor, given: Tensor) -> Tensor:
        return self.place.expand(len(z), -1)


@pytest.mark.parametrize("a", [(3.0, 4.0), (0.6, 0.8), (0.0, 0.1)])
def test_the_penalties_of_a_linear_critic_are_in_closed_form(a: tuple[float, float]) -> None:
    batch = Batch(torch.randn(16, 2))
    steep = math.hypot(*a)
    penalty = WGANGP(Fixed(1.0, 1.0), Linear(*a), 1, Unbounded()).critic_loss(batch)["penalty"]
    assert penalty.tolist() == pytest.approx([10 * (steep - 1) ** 2] * 16, rel=1e-4, abs=1e-9)
    divergence = WGANDiv(Fixed(1.0, 1.0), Linear(*a), 1, Unbounded()).critic_loss(batch)["divergence"]
    assert divergence.tolist() == pytest.approx([2 * steep**6] * 16, rel=1e-4)


def test_the_penalty_teaches_the_critic() -> None:
    """d/da of lambda (|a| - 1)^2 is 2 lambda (|a| - 1) a / |a|."""
    critic = Linear(3.0, 4.0)
    model = WGANGP(Fixed(1.0, 1.0), critic, 1, Unbounded())
    model.critic_loss(Batch(torch.randn(8, 2)))["penalty"].mean().backward()
    assert critic.a.grad is not None
    assert critic.a.grad.tolist() == pytest.approx([2 * 10 * 4 * 0.6, 2 * 10 * 4 * 0.8], rel=1e-5)


@pytest.mark.parametrize("model", [WGANGP, WGANDiv])
def test_wasserstein_critics_compare_means(model: type[WGANGP] | type[WGANDiv]) -> None:
    batch = Batch(torch.randn(16, 2))
    game = model(Fixed(1.0, 2.0), Linear(3.0, 4.0), 1, Unbounded())
    parts = game.critic_loss(batch)
    assert parts["made"].tolist() == pytest.approx([11.0] * 16)
    assert torch.allclose(parts["real"], -(batch.x @ torch.tensor([3.0, 4.0])), atol=1e-5)
    assert game.loss(batch)["fooled"].tolist() == pytest.approx([-11.0] * 16)


def test_points_lie_between_real_and_made() -> None:
    torch.manual_seed(0)
    batch, made = Batch(torch.zeros(20_000, 3)), torch.tensor([1.0, 2.0, -1.0]).expand(20_000, 3)
    middle = between(batch, made)
    place = middle[:, 0].detach()
    assert torch.allclose(middle.detach(), place[:, None] * made, atol=1e-6)  # one place for all entries of a sample
    # uniform: mean 1/2, variance 1/12; four standard errors
    assert abs(place.mean().item() - 0.5) < 4 / math.sqrt(12 * 20_000)
    assert torch.allclose(slope(Square()(middle, made), middle), middle.norm(dim=1), rtol=1e-5)


def test_a_flat_critic_has_a_slope_to_learn_from() -> None:
    critic = Linear(0.0, 0.0)
    WGANGP(Fixed(1.0, 1.0), critic, 1, Unbounded()).critic_loss(Batch(torch.randn(4, 2)))["penalty"].mean().backward()
    assert critic.a.grad is not None
    assert critic.a.grad.isfinite().all()


def test_the_class_part_is_the_cross_entropy_of_the_asked_class() -> None:
    class Says(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.numbers = nn.Parameter(torch.tensor([0.5, 1.0, 2.0, 3.0]))

        def forward(self, x: Tensor) -> Tensor:
            return self.numbers.expand(len(x), -1)

    model = ACGAN(Fixed(1.0, 2.0), Says(), 1, classes=3, output=Unbounded(), weight=0.7)
    asked = torch.tensor([0, 1, 2, 2])
    batch = Batch(torch.randn(4, 2), {"class": asked})
    logs = torch.log_softmax(torch.tensor([1.0, 2.0, 3.0]), 0)[asked]
    parts = model.critic_loss(batch)
    assert torch.allclose(parts["class of real"], -0.7 * logs)
    assert torch.allclose(parts["class of made"], -0.7 * logs)
    assert parts["real"].tolist() == pytest.approx([math.log1p(math.exp(-0.5))] * 4)
    assert parts["made"].tolist() == pytest.approx([math.log1p(math.exp(0.5))] * 4)
    assert torch.allclose(model.loss(batch)["class"], -0.7 * logs)
    strict = ACGAN(Fixed(1.0, 2.0), Says(), 1, classes=3, output=Unbounded(), weight=0.7, made=0.0).critic_loss(batch)
    assert strict["class of made"].tolist() == [0.0] * 4  # classes are learned from real samples alone
    assert torch.allclose(strict["class of real"], -0.7 * logs)
    assert model.conditioning(batch).tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1]]


def test_a_pack_is_neighbors_side_by_side() -> None:
    class Sees(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w = nn.Parameter(torch.ones(()))

        def forward(self, x: Tensor, given: Tensor) -> Tensor:
            assert x.shape == (2, 6)
            assert given.shape == (2, 3)
            return self.w * x[:, 0]

    model = PacGAN(Fixed(1.0, 2.0), Sees(), 1, Unbounded(), pack=3)
    x = torch.arange(14.0).reshape(7, 2)
    batch = Batch(x, {"angle": torch.arange(7.0)})
    said = model.judged(x, batch)
    assert said.tolist() == [0.0, 6.0]  # the seventh is left over
    assert model.critic_loss(batch)["real"].shape == ()
