"""The game's losses are those of its definition, and spins are drawn, not rounded."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from simulacra.models.adversary import Bounded, SpinDraw
from simulacra.models.base import Batch
from simulacra.models.gan import GAN


class Constant(nn.Module):
    """A critic that always says the same, whatever it sees."""

    def __init__(self, logit: float) -> None:
        super().__init__()
        self.logit = nn.Parameter(torch.tensor(logit))

    def forward(self, x: Tensor, given: Tensor) -> Tensor:
        return self.logit.expand(len(x))


class Shift(nn.Module):
    """A generator of one number a sample."""

    def __init__(self) -> None:
        super().__init__()
        self.shift = nn.Parameter(torch.zeros(()))

    def forward(self, z: Tensor, given: Tensor) -> Tensor:
        return z[:, :1] + self.shift + given.sum(1, keepdim=True)


@pytest.mark.parametrize("logit", [-2.0, 0.0, 1.5])
def test_the_losses_are_the_cross_entropies_of_the_critics_logits(logit: float) -> None:
    model = GAN(Shift(), Constant(logit), latent=1)
    batch = Batch(torch.randn(8, 1))
    p = 1 / (1 + math.exp(-logit))
    losses = {name: part.mean().item() for name, part in model.critic_loss(batch).items()}
    assert losses == pytest.approx({"real": -math.log(p), "made": -math.log(1 - p)}, rel=1e-5)
    assert model.loss(batch)["fooled"].mean().item() == pytest.approx(-math.log(p), rel=1e-5)  # non-saturating
    real = functional.binary_cross_entropy_with_logits(torch.tensor(logit), torch.tensor(1.0))
    assert losses["real"] == pytest.approx(float(real), rel=1e-5)


def test_the_critics_turn_leaves_the_generator_alone() -> None:
    model = GAN(Shift(), Constant(0.3), latent=1)
    sum(part.mean() for part in model.critic_loss(Batch(torch.randn(8, 1))).values()).backward()
    assert model.generator.shift.grad is None
    assert model.critic.logit.grad is not None


def test_spins_are_drawn_with_the_mean_of_their_logit() -> None:
    torch.manual_seed(0)
    logits = torch.full((40_000, 1), 0.4)
    drawn = SpinDraw()(logits, torch.rand(40_000, 1))
    mean = math.tanh(0.4)
    assert set(drawn.unique().tolist()) == {-1.0, 1.0}
    assert float(drawn.mean()) == pytest.approx(mean, abs=4 * math.sqrt((1 - mean**2) / 40_000))


def test_the_gradient_of_a_drawn_spin_is_that_of_its_mean() -> None:
    logits = torch.tensor([[0.4, -1.2]], requires_grad=True)
    SpinDraw()(logits, torch.rand(1, 2)).sum().backward()
    torch.testing.assert_close(logits.grad, 1 - torch.tanh(logits.detach()) ** 2)


def test_conditions_reach_the_generator_in_the_order_of_their_names() -> None:
    class First(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w = nn.Parameter(torch.zeros(()))

        def forward(self, z: Tensor, given: Tensor) -> Tensor:
            return given[:, :1] + 10 * given[:, 1:] + 0 * self.w

    model = GAN(First(), Constant(0.0), latent=1, output=Bounded())
    given = {"b": torch.full((3,), 0.01), "a": torch.full((3,), 0.2)}
    torch.testing.assert_close(model.sample(3, given).x, torch.tanh(torch.full((3, 1), 0.3)))
