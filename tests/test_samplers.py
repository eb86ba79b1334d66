"""Samplers, fed the exact denoiser, return its law, and their error falls at the order that they declare."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.diffusion.noise import Cosine, Flow, Linear, Noise, Polynomial, VarianceExploding, step
from simulacra.diffusion.targets import PredictData, PredictNoise, PredictSlope, PredictVelocity, Target
from simulacra.samplers.base import Denoise, Sampler, gaussian_denoiser, mixture_denoiser
from simulacra.samplers.ddim import DDIM
from simulacra.samplers.ddpm import DDPM
from simulacra.samplers.dpm_solver import DPMSolver
from simulacra.samplers.euler import Euler
from simulacra.samplers.heun import Heun

SCHEDULES = [Linear(), Cosine(), Polynomial(), VarianceExploding(), Flow()]
MEANS = torch.tensor([[1.0, 0.0], [-1.0, 0.5], [0.0, -1.0]], dtype=torch.float64)
CLUSTER = 0.05  # variance of each cluster
names = [type(noise).__name__ for noise in SCHEDULES]


@pytest.mark.parametrize("noise", SCHEDULES, ids=names)
def test_signal_falls_and_noise_rises(noise: Noise) -> None:
    t = torch.linspace(0, noise.last, 200, dtype=torch.float64)
    assert (noise.log_snr(t).diff() < 0).all()
    again = noise.when(noise.sigma(t) / noise.alpha(t))
    assert torch.allclose(noise.log_snr(again[1:-1]), noise.log_snr(t[1:-1]), atol=1e-6)


@pytest.mark.parametrize("noise", SCHEDULES, ids=names)
def test_noise_step_by_step_is_noise_at_once(noise: Noise) -> None:
    """Alphas multiply and variances add up, over a hundred steps, to the closed form."""
    t = torch.linspace(0.0, noise.last, 101, dtype=torch.float64)
    alpha, variance = noise.alpha(t[0]), noise.sigma(t[0]) ** 2
    for s, later in itertools.pairwise(t):
        kept, comes = step(noise, s, later)
        alpha, variance = kept * alpha, kept**2 * variance + comes
    assert torch.allclose(alpha, noise.alpha(t[-1]), rtol=1e-9)
    assert torch.allclose(variance, noise.sigma(t[-1]) ** 2, rtol=1e-9)


def test_the_linear_schedule_is_the_limit_of_a_thousand_steps() -> None:
    """The first models' variances from 1e-4 to 0.02, multiplied up; half a step of time apart at most."""
    betas = torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64)
    kept = (1 - betas).cumprod(0)
    t = torch.arange(1, 1001, dtype=torch.float64) / 1000
    assert (Linear().alpha_squared(t).log() - kept.log()).abs().max() < 0.15  # of 10: second order in the variances


@pytest.mark.parametrize(
    "target", [PredictData(), PredictNoise(), PredictVelocity(), PredictVelocity(0.5), PredictSlope()]
)
@pytest.mark.parametrize("noise", SCHEDULES, ids=names)
def test_what_the_network_is_asked_for_gives_the_data_back(noise: Noise, target: Target) -> None:
    torch.manual_seed(0)
    data, eps = torch.randn(2, 500, dtype=torch.float64)
    t = torch.full((500,), 0.37, dtype=torch.float64)
    alpha, sigma = noise.alpha(t), noise.sigma(t)
    x = alpha * data + sigma * eps
    skip, out = target.read(alpha, sigma)
    asked = (data - skip * x) / out  # what F must be for D to be the data
    if isinstance(target, PredictData):
        assert torch.allclose(asked, data)
    elif isinstance(target, PredictNoise):
        assert torch.allclose(asked, eps)
    elif isinstance(target, PredictSlope):
        assert torch.allclose(asked, eps - data) or not isinstance(noise, Flow)
    elif target.spread == 1.0 and torch.allclose(alpha**2 + sigma**2, torch.ones_like(alpha)):
        assert torch.allclose(asked, alpha * eps - sigma * data)
    else:  # unit variance of the target for data of the spread that was said
        whole = target.spread * data
        stated = (whole - skip * (alpha * whole + sigma * eps)) / out
        assert abs(stated.var().item() - 1) < 6 * math.sqrt(2 / 500)


def end(sampler: Sampler, noise: Noise, denoise: Denoise, z: Tensor) -> Tensor:
    return sampler.walk(denoise, noise, sampler.start(noise, z))


CASES = [
    (DDIM, VarianceExploding(0.01, 20.0)),
    (DDIM, Linear()),
    (DDIM, Cosine()),
    (Euler, Flow()),
    (Heun, VarianceExploding(0.01, 20.0)),
    (Heun, Linear()),
    (Heun, Cosine()),
    (DPMSolver, VarianceExploding(0.01, 20.0)),
    (DPMSolver, Linear()),
    (DPMSolver, Polynomial()),
]


@pytest.mark.parametrize(("kind", "noise"), CASES, ids=[f"{k.__name__}-{type(n).__name__}" for k, n in CASES])
def test_the_error_of_a_path_falls_at_the_declared_order(kind: type[Sampler], noise: Noise) -> None:
    """On a mixture, against many steps of the same sampler; the observed order at 80 … 320 steps."""
    torch.manual_seed(0)
    z = torch.randn(60, 2, dtype=torch.float64)
    denoise = mixture_denoiser(noise, MEANS, CLUSTER)
    exact = end(kind(2560), noise, denoise, z)
    error = [(end(kind(n), noise, denoise, z) - exact).square().mean().sqrt() for n in (80, 320)]
    seen = math.log(error[0] / error[1]) / math.log(4)
    assert abs(seen - kind.order) < 0.3


@pytest.mark.parametrize("sampler", [DDPM(500), DDPM(500, 1.0), DDIM(500, 1.0)], ids=["posterior", "step", "ddim"])
def test_ancestral_sampling_returns_a_normal_law(sampler: Sampler) -> None:
    """Weakly of first order: at 500 steps the variance is within a few parts in 500 of that of the data."""
    torch.manual_seed(1)
    noise = Linear()
    mean, variance = torch.tensor(0.7, dtype=torch.float64), torch.tensor(0.3, dtype=torch.float64)
    drawn = end(sampler, noise, gaussian_denoiser(noise, mean, variance), torch.randn(20_000, dtype=torch.float64))
    assert abs(drawn.mean() - mean) < 4 * math.sqrt(0.3 / 20_000) + 0.01
    assert abs(drawn.var() / variance - 1) < 4 * math.sqrt(2 / 20_000) + 0.06


@pytest.mark.parametrize("width", [0.0, 1.0])
def test_the_weak_error_of_ancestral_sampling_is_of_first_order(width: float) -> None:
    """For normal data each step is linear: the variance is followed exactly, without a draw."""

    def variance(steps: int) -> float:
        noise, data = Linear(), 0.3
        t = noise.times(steps)
        alpha, sigma = noise.levels(t)
        var = alpha[0] ** 2 + sigma[0] ** 2
        for i in range(steps):
            gain = alpha[i] * data / (alpha[i] ** 2 * data + sigma[i] ** 2)
            if i + 1 == steps:
                return float(gain**2 * var)
            kept, comes = step(noise, t[i + 1], t[i])
            share = sigma[i + 1] ** 2 / sigma[i] ** 2
            slope = kept * share + alpha[i + 1] * comes / sigma[i] ** 2 * gain
            var = slope**2 * var + comes * share ** (1 - width)
        raise AssertionError

    error = [abs(variance(n) / 0.3 - 1) for n in (400, 1600, 6400)]
    assert error[-1] < 0.02
    assert abs(math.log(error[1] / error[2]) / math.log(4) - 1) < 0.25


def test_ddim_with_all_its_noise_is_ancestral_sampling() -> None:
    noise = Cosine()
    denoise = mixture_denoiser(noise, MEANS, CLUSTER)
    z = torch.randn(50, 2, dtype=torch.float64)
    ends = []
    for sampler in (DDPM(40), DDIM(40, 1.0)):
        torch.manual_seed(5)
        ends.append(end(sampler, noise, denoise, z))
    assert torch.allclose(*ends, atol=1e-9)


def test_euler_on_a_flow_is_ddim() -> None:
    noise = Flow()
    denoise = mixture_denoiser(noise, MEANS, CLUSTER)
    z = torch.randn(50, 2, dtype=torch.float64)
    assert torch.allclose(end(Euler(30), noise, denoise, z), end(DDIM(30), noise, denoise, z), atol=1e-9)
    with pytest.raises(BadInput, match="along a flow"):
        end(Euler(30), Linear(), denoise, z)


@pytest.mark.parametrize("sampler", [DDPM(300), DDIM(100), Heun(40), Heun(60, churn=20.0), DPMSolver(40)])
def test_clusters_come_back_with_their_weights(sampler: Sampler) -> None:
    torch.manual_seed(2)
    noise = Linear()
    drawn = end(sampler, noise, mixture_denoiser(noise, MEANS, CLUSTER), torch.randn(6000, 2, dtype=torch.float64))
    away = (drawn[:, None] - MEANS).square().sum(-1)
    share = torch.bincount(away.argmin(1), minlength=3) / 6000
    assert (share - 1 / 3).abs().max() < 4 * math.sqrt(2 / 9 / 6000) + 0.01
    # two directions a sample; a bias of a few parts in a hundred is left to the steps
    assert abs(away.min(1).values.mean() / (2 * CLUSTER) - 1) < 4 / math.sqrt(6000) + 0.05


def test_a_walk_can_be_watched_and_needs_a_step() -> None:
    seen: list[int] = []
    noise = VarianceExploding()
    sampler = Heun(7)
    x = sampler.start(noise, torch.randn(4, 2, dtype=torch.float64))
    sampler.walk(mixture_denoiser(noise, MEANS, CLUSTER), noise, x, lambda step, x: seen.append(step))
    assert seen == [1, 2, 3, 4, 5, 6, 7]
    with pytest.raises(BadInput, match="a step at least"):
        Heun(0)
