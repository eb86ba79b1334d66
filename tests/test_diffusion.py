"""Diffusion models learn what they are asked, say how likely a sample is, and fill in what is missing."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from simulacra.core.errors import BadInput
from simulacra.core.files import plain
from simulacra.diffusion.clock import FEATURES, clock
from simulacra.diffusion.filling import Filling, Projected, Replaced
from simulacra.diffusion.guidance import Conditions
from simulacra.diffusion.likelihood import bits, bound, log_density
from simulacra.diffusion.noise import Cosine, Denoise, Flow, Linear, Noise, Polynomial, VarianceExploding
from simulacra.diffusion.targets import PredictData, PredictNoise, PredictSlope, PredictVelocity, Target
from simulacra.diffusion.weighting import Bound, Lognormal, Simple
from simulacra.keeping.recipes import build, whole, write
from simulacra.models.base import Batch
from simulacra.models.base import Noise as Keyed
from simulacra.models.diffusion import Diffusion
from simulacra.networks.conditioned_mlp import ConditionedMLP
from simulacra.networks.dit import DiT
from simulacra.networks.unet import UNet
from simulacra.samplers.base import Sampler, gaussian_denoiser, mixture_denoiser
from simulacra.samplers.ddim import DDIM
from simulacra.samplers.ddpm import DDPM
from simulacra.samplers.dpm_solver import DPMSolver
from simulacra.samplers.heun import Heun

SCHEDULES = [Linear(), Cosine(), Polynomial(), VarianceExploding(), Flow()]
TARGETS = [PredictData(), PredictNoise(), PredictVelocity(), PredictVelocity(0.5), PredictSlope()]
MEANS = torch.tensor([[1.0, 0.0], [-1.0, 0.5], [0.0, -1.0]], dtype=torch.float64)
names = [type(noise).__name__ for noise in SCHEDULES]


class Silent(nn.Module):
    """A network that says nothing, and remembers what it was shown."""

    def __init__(self) -> None:
        super().__init__()
        self.zero = nn.Parameter(torch.zeros(()))
        self.shown, self.stated = torch.empty(0), torch.empty(0)

    def forward(self, x: Tensor, stated: Tensor) -> Tensor:
        self.shown, self.stated = x.detach(), stated.detach()
        return x * self.zero


class Knows(nn.Module):
    """A network that says what makes D exact, for data that are one point."""

    def __init__(self, point: float, noise: Noise, target: Target) -> None:
        super().__init__()
        self.zero = nn.Parameter(torch.zeros(()))
        self.point, self.noise, self.target = point, noise, target
        self.t = torch.empty(0)

    def forward(self, x: Tensor, stated: Tensor) -> Tensor:
        alpha, sigma = (part[:, None] for part in (self.noise.alpha(self.t), self.noise.sigma(self.t)))
        skip, out = self.target.read(alpha, sigma)
        return ((self.point - skip * x / self.target.scale(alpha, sigma)) / out).float() + self.zero


def small(stated: Conditions | None = None, features: int = 2, **settings: Any) -> Diffusion:  # noqa: ANN401 - the model's own
    torch.manual_seed(0)
    network = ConditionedMLP(features, 16, FEATURES + (stated.width if stated else 0))
    return Diffusion(network, (features,), conditioning=stated, **settings)


# training


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: type(target).__name__)
@pytest.mark.parametrize("noise", SCHEDULES, ids=names)
def test_the_loss_is_nothing_where_the_network_knows_the_data(noise: Noise, target: Target) -> None:
    """Data are a single point; the loss of the exact answer vanishes, whatever the network is asked for."""
    network = Knows(0.7, noise, target)
    model = Diffusion(network, (3,), noise, target)
    batch = Batch(torch.full((64, 3), 0.7), noise=Keyed(5, 0, 64))
    network.t = model.weighting.times(noise, (torch.arange(64) + batch.uniform().double()) / 64)
    silent = Diffusion(Silent(), (3,), noise, target).loss(Batch(batch.x, noise=Keyed(5, 0, 64)))["denoising"].mean()
    # float32 keeps x_t to 1e-7 of its size, and F is read from it over c_out
    alpha, sigma = noise.alpha(network.t), noise.sigma(network.t)
    skip, out = target.read(alpha, sigma)
    rounding = 1e-6 * (skip.abs() * (alpha + 4 * sigma) / out.abs() + 1).float()
    lost = model.loss(Batch(batch.x, noise=Keyed(5, 0, 64)))["denoising"]
    assert (lost <= rounding**2).all()
    assert silent > 0.05


def test_what_is_shown_has_unit_variance() -> None:
    """c_in brings x_t of data of the spread that was said to unit variance at every time."""
    torch.manual_seed(0)
    for noise in SCHEDULES:
        network = Silent()
        Diffusion(network, (8,), noise, PredictVelocity(0.5)).loss(Batch(0.5 * torch.randn(4000, 8)))
        assert abs(network.shown.var() - 1) < 5 * math.sqrt(2 / 32_000)


def test_times_are_spread_evenly_and_two_processes_see_what_one_sees() -> None:
    torch.manual_seed(3)
    model = small(Conditions({"class": 3}, dropped=0.5), features=4)
    x, given = torch.randn(24, 4), {"class": torch.arange(24) % 3}
    whole_batch = model.loss(Batch(x, given, noise=Keyed(11, 0, 24)))["denoising"]
    halves = [
        model.loss(Batch(x[a:b], {"class": given["class"][a:b]}, noise=Keyed(11, a, 24)))["denoising"]
        for a, b in ((0, 12), (12, 24))
    ]
    assert torch.allclose(torch.cat(halves), whole_batch, rtol=1e-5)
    seen = Silent()
    Diffusion(seen, (4,), Flow()).loss(Batch(x, noise=Keyed(11, 0, 24)))
    t = (torch.arange(24) + Batch(x, noise=Keyed(11, 0, 24)).uniform().double()) / 24
    assert torch.allclose(seen.stated, clock(Flow().log_snr(t)).float(), atol=1e-5)  # one time in each 24th


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: type(target).__name__)
@pytest.mark.parametrize("noise", SCHEDULES, ids=names)
def test_the_weights_of_the_bound_are_those_of_its_definition(noise: Noise, target: Target) -> None:
    r"""$-\frac12 \int \mathrm{SNR}'(t)\, e(t)\, dt$ for an error e of the data: by definition and by weights."""
    weighting = Bound(0.01, 50.0)
    low, high = noise.ratios(0.01, 50.0)
    ends = noise.when(torch.tensor([low, high], dtype=torch.float64))

    def error(t: Tensor) -> Tensor:  # of the exact denoiser of unit normal data
        return noise.sigma(t) ** 2 / (noise.alpha(t) ** 2 + noise.sigma(t) ** 2)

    # even in the logarithm of the time from its first: the integrand lies at both ends
    grid = noise.when(torch.logspace(math.log10(low), math.log10(high), 20_001, dtype=torch.float64))
    grid[0], grid[-1] = ends
    snr = noise.log_snr(grid).exp()
    by_definition = -0.5 * (snr.diff() * (error(grid)[1:] + error(grid)[:-1]) / 2).sum()
    t = weighting.times(noise, (torch.arange(20_000, dtype=torch.float64) + 0.5) / 20_000)
    of_the_network = error(t) / target.read(noise.alpha(t), noise.sigma(t))[1] ** 2
    by_weights = (weighting.weight(noise, target, t) * of_the_network).mean()
    closed = 0.5 * math.log((1 + low**-2) / (1 + high**-2))
    assert abs(by_weights / closed - 1) < 1e-5
    assert abs(by_definition / closed - 1) < 1e-5
    if isinstance(target, PredictNoise):
        assert torch.allclose(weighting.weight(noise, target, t), torch.full_like(t, math.log(high / low)))


def test_lognormal_times_are_lognormal() -> None:
    noise = VarianceExploding()
    u = (torch.arange(1000, dtype=torch.float64) + 0.5) / 1000
    logs = noise.sigma(Lognormal().times(noise, u)).log()
    assert abs(logs.mean() + 1.2) < 1e-3
    assert abs(logs.std() - 1.2) < 0.01
    logit = torch.logit(Lognormal(0.0, 1.0).times(Flow(), u))
    assert torch.allclose(logit, torch.special.ndtri(u), atol=1e-6)
    assert (Simple().times(Cosine(), u) < Cosine.last).all()


# drawing


@pytest.fixture(scope="module")
def normal() -> Diffusion:
    """A tiny model of normal data of mean 0.5 and deviation 0.4, trained for seconds."""
    torch.manual_seed(0)
    network = ConditionedMLP(1, 32, FEATURES, 1)
    model = Diffusion(network, (1,), VarianceExploding(), PredictVelocity(0.4), Heun(40), Bound())
    optimizer = torch.optim.Adam(model.parameters(), 5e-3)
    rates = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 500)
    for _ in range(500):
        optimizer.zero_grad()
        model.loss(Batch(0.5 + 0.4 * torch.randn(512, 1)))["denoising"].mean().backward()
        optimizer.step()
        rates.step()
    return model.eval()


def test_a_tiny_model_recovers_a_normal_law(normal: Diffusion) -> None:
    """As closely as its bound says: what it costs over the data's entropy is at least the divergence of the laws."""
    torch.manual_seed(1)
    data = 0.5 + 0.4 * torch.randn(20_000, 1)
    cost = normal.bound(Batch(data), 100).total + torch.distributions.Normal(0.5, 0.4).log_prob(data)[:, 0]
    divergence = (cost.mean() + 5 * cost.std() / math.sqrt(20_000)).item()
    assert divergence < 0.1
    torch.manual_seed(1)
    x = normal.sample(20_000).x
    # between normal laws it is half of (r - 1 - log r) + (shift / deviation)², r the ratio of the variances
    assert abs(x.mean() - 0.5) < 0.4 * (math.sqrt(2 * divergence) + 5 / math.sqrt(20_000))
    # the same numbers through the exact denoiser: what is the sampler's own, and chance's, is not the network's
    torch.manual_seed(1)
    exact = gaussian_denoiser(normal.noise, torch.tensor(0.5), torch.tensor(0.16))
    ratio = (x.var() / normal.sampler.walk(exact, normal.noise, normal.begin(20_000)).var()).item()
    assert 0.5 * (ratio - 1 - math.log(ratio)) < divergence


def test_the_density_of_a_learned_model_is_one_and_its_bound_lies_above_the_entropy(normal: Diffusion) -> None:
    """Along the equation the density of what the network makes integrates to one; no bound beats the data's entropy."""
    x = torch.linspace(-2.0, 3.0, 201)[:, None]
    density = normal.log_prob(Batch(x), steps=40).exp()
    assert abs(torch.trapezoid(density, x[:, 0].double()) - 1) < 2e-3
    torch.manual_seed(4)
    draws = Batch(0.5 + 0.4 * torch.randn(2000, 1))
    cost, entropy = normal.bound(draws, 100).total, 0.5 * math.log(2 * math.pi * math.e * 0.16)
    assert cost.mean() > entropy - 5 * cost.std() / math.sqrt(2000)
    exact = -normal.log_prob(draws, steps=40)
    assert abs(exact.mean() - entropy) < 0.05 + 5 * exact.std() / math.sqrt(2000)


def test_a_chain_goes_from_noise_to_a_sample(normal: Diffusion) -> None:
    torch.manual_seed(2)
    frames = normal.chain(500, frames=10)
    assert frames.shape == (10, 500, 1)
    torch.manual_seed(2)
    assert torch.equal(frames[-1], normal.sample(500).x)
    torch.manual_seed(2)
    assert torch.allclose(frames[0], torch.randn(500, 1))
    with pytest.raises(BadInput, match="two frames or more"):
        normal.chain(5, frames=1)
    assert normal.chain(5, frames=50_000).shape == (normal.sampler.steps + 1, 5, 1)


# guidance


def test_guidance_of_weight_one_is_the_conditional_denoiser() -> None:
    given = {"class": torch.arange(6) % 3, "angle": torch.randn(6)}
    x, t = torch.randn(6, 2), torch.tensor(0.4, dtype=torch.float64)
    answers = {}
    for weight in (0.0, 1.0, 3.0):
        model = small(Conditions({"class": 3, "angle": 0}, 0.2, weight))
        answers[weight] = model.denoise(x, t, given)
    assert model.conditioning is not None
    assert torch.allclose(answers[3.0], answers[0.0] + 3 * (answers[1.0] - answers[0.0]), atol=1e-5)
    other = {"class": 2 - given["class"], "angle": -given["angle"]}
    stated = small(Conditions({"class": 3, "angle": 0}, 0.2, 0.0))
    assert torch.allclose(stated.denoise(x, t, other), answers[0.0])  # without guidance no condition matters
    plain = small(Conditions({"class": 3, "angle": 0}, 0.2))
    assert torch.allclose(plain.denoise(x, t, given), answers[1.0])
    assert not torch.allclose(plain.denoise(x, t, other), answers[1.0], atol=1e-4)


def test_conditions_are_hidden_at_their_rate_and_a_mark_says_so() -> None:
    network = Silent()
    stated = Conditions({"class": 3, "angle": 0}, dropped=0.25)
    torch.manual_seed(0)
    n = 4000
    given = {"class": torch.arange(n) % 3, "angle": torch.ones(n)}
    Diffusion(network, (2,), conditioning=stated).loss(Batch(torch.randn(n, 2), given))
    conditions = network.stated[:, FEATURES:]
    assert conditions.shape == (n, 5)
    hidden = conditions[:, -1] == 0
    assert not conditions[hidden].any()
    assert torch.equal(conditions[~hidden][:, :3].argmax(1), given["class"][~hidden])
    assert abs(hidden.float().mean() - 0.25) < 5 * math.sqrt(0.25 * 0.75 / n)


def test_misfits_of_conditions_are_told() -> None:
    with pytest.raises(BadInput, match="learned to do without"):
        Conditions({"class": 3}, weight=2.0)
    with pytest.raises(BadInput, match="a condition is missing"):
        small(Conditions({"class": 3})).sample(4, {"angle": torch.zeros(4)})


# likelihood


@pytest.mark.parametrize("noise", SCHEDULES, ids=names)
def test_the_density_of_normal_data_is_in_closed_form(noise: Noise) -> None:
    """Of centered data to 1e-3 of the data's own law; of shifted data to 1e-4 of the law that the equation makes."""
    torch.manual_seed(0)
    variance = torch.tensor([0.3, 1.0, 0.05], dtype=torch.float64)
    x = variance.sqrt() * torch.randn(100, 3, dtype=torch.float64).clamp(-3, 3)
    exact = torch.distributions.Normal(torch.zeros_like(variance), variance.sqrt()).log_prob(x).sum(1)
    denoise = gaussian_denoiser(noise, torch.zeros_like(variance), variance)
    # what is left is the blur by 0.002: (z² - 1) 0.002² / (2 variance), 3e-4 at z = 3, and as much of the start
    assert (log_density(denoise, noise, x, 100) - exact).abs().max() < 1e-3
    mean = torch.tensor([0.3, -0.5, 0.1], dtype=torch.float64)
    low, high = noise.ratios()
    squeezed = ((variance + low**2) / (variance + high**2)).sqrt()
    law = torch.distributions.Normal(mean - mean * squeezed, squeezed * math.sqrt(1 + high**2))
    followed = log_density(gaussian_denoiser(noise, mean, variance), noise, x + mean, 100)
    assert (followed - law.log_prob(x + mean).sum(1)).abs().max() < 1e-4


def mixture() -> tuple[Tensor, Tensor, Denoise]:
    torch.manual_seed(0)
    x = MEANS[torch.randint(3, (400,))] + math.sqrt(0.05) * torch.randn(400, 2, dtype=torch.float64)
    each = -0.5 * (x[:, None] - MEANS).square().sum(-1) / 0.05 - math.log(2 * math.pi * 0.05)
    return x, torch.logsumexp(each, 1) - math.log(3), mixture_denoiser(Linear(), MEANS, 0.05)


def test_the_density_of_a_mixture_is_found_and_the_bound_is_tight() -> None:
    x, exact, denoise = mixture()
    assert (log_density(denoise, Linear(), x, 100) - exact).abs().mean() < 2e-3
    parts = bound(denoise, Linear(), x, 256)
    gap = parts.total + exact
    # with the exact denoiser, in continuous time, the bound is met: only chance is left
    assert abs(gap.mean()) < 4 * gap.std() / math.sqrt(400)
    assert gap.std() / math.sqrt(400) < 0.03
    assert (parts.prior.abs() < 1e-3).all()
    worse = bound(lambda x, t: denoise(x, t) + 0.05, Linear(), x, 256).total + exact
    assert worse.mean() > 5 * worse.std() / math.sqrt(400)
    assert bits(torch.tensor(2 * math.log(2)), 2) == pytest.approx(1.0)


def test_the_trace_by_random_directions_is_right_in_the_mean() -> None:
    x, _, denoise = mixture()
    x = x[:5].repeat_interleave(200, 0)
    exact, guessed = log_density(denoise, Linear(), x, 20), log_density(denoise, Linear(), x, 20, probes=1)
    off = (guessed - exact).view(5, 200)
    assert off.std() > 1e-3  # a guess indeed
    assert (off.mean(1).abs() < 5 * off.std(1) / math.sqrt(200)).all()


# filling in


def correlated(noise: Noise, covariance: Tensor) -> Denoise:
    """The exact expected data of a centered Gaussian."""

    def denoise(x: Tensor, t: Tensor) -> Tensor:
        alpha, sigma = noise.alpha(t), noise.sigma(t)
        whole = alpha**2 * covariance + sigma**2 * torch.eye(len(covariance), dtype=covariance.dtype)
        return x @ torch.linalg.solve(whole, alpha * covariance)

    return denoise


def filled(way: Filling, sampler: Sampler, rho: float, n: int = 4000) -> Tensor:
    """The second of two numbers of unit variance, where the first is 1.5."""
    torch.manual_seed(1)
    noise = Linear()
    known, mask = torch.zeros(n, 2, dtype=torch.float64), torch.zeros(n, 2, dtype=torch.bool)
    known[:, 0], mask[:, 0] = 1.5, True
    exact = correlated(noise, torch.tensor([[1.0, rho], [rho, 1.0]], dtype=torch.float64))
    z = torch.randn(n, 2, dtype=torch.float64)
    drawn = sampler.walk(way.knowing(exact, noise, known, mask), noise, sampler.start(noise, z))
    assert (drawn[:, 0] - 1.5).abs().max() < 1e-9
    return drawn[:, 1]


@pytest.mark.parametrize("rho", [0.5, 0.9])
@pytest.mark.parametrize("sampler", [Heun(40), DPMSolver(40), DDIM(200), DDPM(300)], ids=lambda s: type(s).__name__)
def test_projection_fills_a_gaussian_with_its_conditional_law(sampler: Sampler, rho: float) -> None:
    x, variance = filled(Projected(1), sampler, rho), 1 - rho**2
    steps = 0.06  # of the variance: the samplers' own error, as for whole draws
    assert abs(x.mean() - 1.5 * rho) < 5 * math.sqrt(variance / 4000) + 0.01
    assert abs(x.var() / variance - 1) < 5 * math.sqrt(2 / 4000) + steps


def test_replacement_fills_too_loosely() -> None:
    """What is described in the docs: half of the pull at a correlation of 0.9, and nearly three times the variance."""
    x = filled(Replaced(), Heun(40), 0.9)
    assert 0.4 < x.mean() / 1.35 < 0.6
    assert 2.4 < x.var() / 0.19 < 3.2
    closer = filled(Replaced(), DDPM(300), 0.9)  # fresh noise on the way lets what was missed be made good, in part
    assert x.mean() < closer.mean() < 1.3


def test_many_known_numbers_are_solved_by_conjugate_gradients() -> None:
    torch.manual_seed(0)
    noise, place = Linear(), torch.arange(6, dtype=torch.float64)
    covariance = torch.exp(-0.5 * (place[:, None] - place).square() / 4) + 0.05 * torch.eye(6, dtype=torch.float64)
    mask = torch.tensor([True, True, False, False, True, True])
    known = torch.tensor([1.0, 0.5, 0.0, 0.0, -1.0, 0.3], dtype=torch.float64)
    gain = covariance[~mask][:, mask] @ torch.linalg.inv(covariance[mask][:, mask])
    law = covariance[~mask][:, ~mask] - gain @ covariance[mask][:, ~mask]
    n, sampler = 4000, DPMSolver(60)
    way = Projected(4).knowing(correlated(noise, covariance), noise, known.expand(n, 6), mask.expand(n, 6))
    drawn = sampler.walk(way, noise, sampler.start(noise, torch.randn(n, 6, dtype=torch.float64)))[:, ~mask]
    away = (drawn.mean(0) - gain @ known[mask]).abs() / law.diagonal().sqrt()
    assert (away < 5 / math.sqrt(n) + 0.05).all()
    assert (drawn.T.cov() / law - 1).abs().max() < 0.2


def test_a_model_keeps_what_is_known_to_the_bit() -> None:
    model = small(features=4, sampler=DPMSolver(6))
    known, mask = torch.randn(4), torch.tensor([True, False, True, False])
    for filling in (Replaced(), Projected(3)):
        torch.manual_seed(1)
        drawn = model.fill(torch.where(mask, known, torch.nan), mask, 7, filling=filling).x
        assert torch.equal(drawn[:, mask], known[mask].expand(7, 2))
        assert drawn.isfinite().all()
        assert drawn[:, ~mask].std(0).min() > 0
    with pytest.raises(BadInput, match="shape of the model's samples"):
        model.fill(torch.randn(3), torch.ones(3, dtype=torch.bool), 7)


# networks


@pytest.mark.parametrize("dimensions", [1, 2, 3])
@pytest.mark.parametrize("attention", [0, 1, 2])
def test_a_unet_with_a_circular_border_commutes_with_translations(dimensions: int, attention: int) -> None:
    torch.manual_seed(0)
    network = UNet(dimensions, 2, 8, conditioning=3, growth=(1, 2), attention=attention, border="circular").double()
    x, stated = torch.randn(2, 2, *[8] * dimensions).double(), torch.randn(2, 3).double()
    shifts, axes = [2, 4, 6][:dimensions], list(range(2, 2 + dimensions))
    assert torch.allclose(network(x.roll(shifts, axes), stated), network(x, stated).roll(shifts, axes), atol=1e-9)
    open_ended = UNet(dimensions, 2, 8, conditioning=3, growth=(1, 2), attention=attention).double()
    assert not torch.allclose(
        open_ended(x.roll(shifts, axes), stated), open_ended(x, stated).roll(shifts, axes), atol=1e-4
    )


def test_sides_that_cannot_be_halved_are_told() -> None:
    with pytest.raises(BadInput, match="cannot be halved"):
        UNet(2, 1, 8, conditioning=3)(torch.randn(2, 1, 6, 6), torch.randn(2, 3))
    with pytest.raises(BadInput, match="whole patches"):
        DiT((1, 9, 9), 2, 16, conditioning=3)


@pytest.mark.parametrize("shape", [(2, 8), (1, 4, 8), (1, 4, 4, 4)])
def test_a_transformer_takes_one_to_three_sides(shape: tuple[int, ...]) -> None:
    network = DiT(shape, 2, 16, conditioning=FEATURES, depth=1)
    model = Diffusion(network, shape, sampler=DPMSolver(3))
    assert model.loss(Batch(torch.randn(5, *shape)))["denoising"].shape == (5,)
    assert model.sample(2).x.shape == (2, *shape)


# records


def test_a_model_of_all_its_parts_is_built_again() -> None:
    stated = Conditions({"class": 3}, 0.1, 2.0)
    network = UNet(2, 1, 8, FEATURES + stated.width, (1, 2), border="circular")
    torch.manual_seed(0)
    model = Diffusion(
        network, (1, 8, 8), Polynomial(3.0), PredictNoise(), DDIM(5, 0.5), Lognormal(-1.0, 1.1), stated
    ).eval()
    recipe = json.loads(json.dumps(plain(write(model)), allow_nan=False))
    assert whole(recipe)
    again = build(recipe).eval()
    assert repr(again) == repr(model)
    again.load_state_dict(model.state_dict())
    draws = []
    for one in (model, again):
        torch.manual_seed(3)
        draws.append(one.sample(2, {"class": torch.tensor([0, 2])}).x)
    assert torch.equal(*draws)
    assert again.sampler.eta == 0.5
    assert again.conditioning.names == {"class": 3}


def test_a_small_run_is_trained_saved_and_loaded(tmp_path: Path) -> None:
    from simulacra.baselines.copycat import copycat
    from simulacra.judging.base import Judge
    from simulacra.keeping.trained import load
    from simulacra.running.split import Split
    from simulacra.running.study import Study
    from simulacra.sources.laws.ring import Ring
    from simulacra.statistics.tables.values import Values
    from simulacra.training.budget import Budget
    from simulacra.views.flat import Flat

    study = Study(
        Ring(4, 0.1),
        Flat(),
        small(noise=VarianceExploding(), sampler=Heun(6), weighting=Lognormal()),
        {"places": Judge(Values(), reach=0.32)},
        Budget(30, batch=32, average=0.9, looks=1),
        {"copycat": copycat},
        Split(train=200, validation=50, truth=100),
    )
    run = study.run(seed=1, out=tmp_path)
    drawn = [load(run).draw(5, np.random.default_rng(3)).array for _ in range(2)]
    assert drawn[0].shape == (5, 2)
    assert np.array_equal(*drawn)
