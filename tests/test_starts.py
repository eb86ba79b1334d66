"""A walk that begins in the middle begins where the law of noisy data is, and ends where a whole walk does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.diffusion.clock import FEATURES
from simulacra.diffusion.guidance import Conditions
from simulacra.diffusion.noise import VarianceExploding
from simulacra.diffusion.polish import Polish
from simulacra.diffusion.starts import CoarseStart
from simulacra.diffusion.turns import Turns
from simulacra.keeping.recipes import build, whole, write
from simulacra.models.base import Batch
from simulacra.models.diffusion import Diffusion
from simulacra.networks.folded import Folded
from simulacra.networks.placed import Placed
from simulacra.networks.unet import UNet
from simulacra.samplers.dpm_solver import DPMSolver
from simulacra.views.centered import Centered

SHAPE = (1, 4, 4)
SPREADS = torch.logspace(1, -1, 16)
"""Of independent numbers: what is coarse is the first few."""


def data(n: int, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return (torch.randn(n, 16, generator=generator) * SPREADS + 3).view(n, *SHAPE)


def test_of_normal_data_the_start_has_mean_and_covariance_of_noisy_data() -> None:
    x = data(400, 0)
    start = CoarseStart(SHAPE, 400, kept=4, more=6)
    start.learn(x, {})
    torch.manual_seed(1)
    n = 20_000
    drawn = start.draw(n, alpha=1.0, sigma=2.0).flatten(1).double()
    flat = x.flatten(1).double()
    # of the training set as it is, with noise; what lies beyond the ten features is taken for even in all directions
    exact = torch.cov(flat.T, correction=0) + 4 * torch.eye(16, dtype=torch.float64)
    error = 5 * (exact.diag()[:, None] * exact.diag()[None, :] / n).sqrt() * 2**0.5
    assert (drawn.mean(0) - flat.mean(0)).abs().max() < 5 * (exact.diag().max() / n).sqrt()
    assert ((torch.cov(drawn.T) - exact).abs() < error + 0.05).all()


def test_under_a_class_only_its_own_samples_are_begun_with() -> None:
    x = torch.cat([data(50, 1) + 30, data(50, 2) - 30])
    label = torch.arange(100) // 50
    start = CoarseStart(SHAPE, 100, classes=2, kept=5, more=5)
    start.learn(x, {"class": label})
    drawn = start.draw(40, 1.0, 1.0, {"class": torch.arange(40) % 2})
    assert ((drawn.mean((1, 2, 3)) > 0) == (torch.arange(40) % 2 == 0)).all()
    with pytest.raises(BadInput, match="condition is missing"):
        start.draw(3, 1.0, 1.0)


def test_a_start_says_what_it_cannot_be() -> None:
    with pytest.raises(BadInput, match="fewer than samples and numbers"):
        CoarseStart(SHAPE, 10, kept=8, more=8)
    with pytest.raises(BadInput, match="another number of samples"):
        CoarseStart(SHAPE, 30, kept=3, more=3).learn(data(20, 0), {})


class Exact(torch.nn.Module):
    """The best denoiser of the normal law of `data`, as `PredictVelocity` of spread 1 reads a network."""

    def forward(self, x: torch.Tensor, stated: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError


def test_a_walk_from_the_middle_ends_in_the_law_of_a_walk_from_noise() -> None:
    x = data(2000, 3)
    start = CoarseStart(SHAPE, 2000, kept=6, more=8)
    start.learn(x, {})
    noise = VarianceExploding(highest=4.0)
    model = Diffusion(Exact(), SHAPE, noise=noise, sampler=DPMSolver(60), start=start)
    variance, mean = SPREADS.double().square(), 3.0

    def denoise(y: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        sigma = noise.sigma(t.double()).reshape(-1, 1)
        flat = y.flatten(1).double()
        return (mean + variance / (variance + sigma**2) * (flat - mean)).view(y.shape).to(y)

    torch.manual_seed(4)
    n = 8000
    ends = model.sampler.walk(denoise, noise, model.begin(n)).flatten(1)
    # standard error of a variance: √(2/n); the training set's own, which the start repeats: √(2/2000)
    allowed = 5 * (2 / n + 2 / 2000) ** 0.5
    assert ((ends.var(0) / variance - 1).abs() < allowed).all()


def test_a_model_with_a_start_is_built_again_from_its_recipe_and_state(tmp_path: Path) -> None:
    stated = Conditions({"class": 2}, dropped=0.1)
    known = FEATURES + stated.width
    shape = (3, 8, 8)

    def model() -> Diffusion:
        inner = Folded(UNet(2, 20, 8, known, growth=(1, 2)), 2)
        start = CoarseStart(shape, 24, classes=2, kept=4, more=6, symmetry=Turns())
        return Diffusion(Placed(inner, shape), shape, VarianceExploding(highest=3.0), sampler=DPMSolver(3),
                        conditioning=stated,
                         symmetry=Turns(), start=start)  # fmt: skip

    torch.manual_seed(0)
    first = model().eval()
    x = torch.randn(24, *shape)
    first.count(Batch(x, {"class": torch.arange(24) % 2}))
    recipe = write(first)
    assert whole(recipe)
    second = build(recipe)
    second.load_state_dict(first.state_dict())
    given = {"class": torch.tensor([0, 1, 1])}
    torch.manual_seed(7)
    drawn = first.sample(3, given).x
    torch.manual_seed(7)
    torch.testing.assert_close(second.eval().sample(3, given).x, drawn)
    first.loss(Batch(x, {"class": torch.arange(24) % 2}))["denoising"].mean().backward()  # the start learns nothing
    assert all(p.grad is not None for p in first.network.parameters())


def test_pictures_by_the_spread_at_their_distance_have_unit_spread_everywhere() -> None:
    rng = np.random.default_rng(0)
    away = np.hypot(*np.meshgrid(np.arange(16) - 7.5, np.arange(16) - 7.5))
    bright = np.exp(-away / 4)[None, ..., None] * rng.uniform(0.3, 1, (400, 1, 1, 3))
    x = Samples.of((bright * rng.uniform(0.5, 1, (400, 16, 16, 3))).astype(np.float32), "picture", "1")
    seen = Centered().fit(x).forward(x).x
    spread = seen.std(0)
    assert float(spread.min()) > 0.7 and float(spread.max()) < 1.4  # a plain scale: from 0.03 to 3
    turned = Samples.of(np.rot90(x.array, axes=(1, 2)).copy(), "picture", "1")
    torch.testing.assert_close(Centered().fit(x).forward(turned).x, torch.rot90(seen, 1, (2, 3)))


def test_unfitted_gains_change_nothing_and_fitted_ones_take_noise_from_where_the_truth_is_quiet() -> None:
    generator = torch.Generator().manual_seed(0)
    truth = torch.zeros(60, 1, 24, 24)
    away = torch.hypot(*torch.meshgrid(torch.arange(24) - 11.5, torch.arange(24) - 11.5, indexing="ij"))
    truth[..., away > 9] = torch.randn(60, 1, int((away > 9).sum()), generator=generator)  # quiet within, noisy without
    x = truth + 0.5 * torch.randn(truth.shape, generator=generator)
    answer = x / 1.25  # a filter that is the same everywhere: the best one outside
    gains = Polish(1, (-2.0, 0.0))
    level = torch.full((60,), -1.0)
    torch.testing.assert_close(gains(answer, x, level), answer)
    gains.learn(0, answer[:40], x[:40], truth[:40])
    gains.learn(1, answer[:40], x[:40], truth[:40])
    better = gains(answer[40:], x[40:], level[40:])
    inside, outside = away < 6, away > 12
    before, after = ((found - truth[40:]).square() for found in (answer[40:], better))
    assert after[..., inside].mean() < 0.3 * before[..., inside].mean()
    assert after[..., outside].mean() < 1.05 * before[..., outside].mean()  # there was nothing to be gained
