"""What holds for every sampler on the shelf: it walks from noise to the law that the denoiser describes."""

import inspect

import pytest
import torch
from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.core.shelf import shelf
from simulacra.diffusion.noise import Cosine, Flow, Noise
from simulacra.keeping.recipes import build, whole, write
from simulacra.samplers.base import Sampler, gaussian_denoiser

NAMES = [name for name in shelf("samplers").names() if issubclass(shelf("samplers").load(name), Sampler)]
every = pytest.mark.parametrize("name", NAMES)
MEAN, VARIANCE = torch.tensor([1.0, -2.0, 0.5]), torch.tensor([0.25, 1.0, 2.25])
STEPS, DRAWS = 40, 4000


def made(name: str, steps: int = STEPS) -> Sampler:
    kind = shelf("samplers").load(name)
    assert issubclass(kind, Sampler)
    return kind(steps=steps)


def noise_of(sampler: Sampler) -> Noise:
    """The schedule that it walks along: Euler's rule wants a flow."""
    return Flow() if type(sampler).__name__ == "Euler" else Cosine()


def walk(sampler: Sampler, n: int = DRAWS, seed: int = 0) -> Tensor:
    torch.manual_seed(seed)
    noise = noise_of(sampler)
    x = sampler.start(noise, torch.randn(n, 3))
    return sampler.walk(gaussian_denoiser(noise, MEAN, VARIANCE), noise, x)


def test_all_but_those_of_categories_walk_from_normal_noise() -> None:
    """Ancestral sampling of categories has another start and other arguments; its law is tried in test_samplers."""
    assert set(shelf("samplers").names()) - set(NAMES) == {"ancestral"}


@every
def test_a_gaussian_comes_back_from_its_exact_denoiser(name: str) -> None:
    """Mean and variance of 4,000 draws, at five standard errors and what forty steps may leave over."""
    drawn = walk(made(name))
    error = (VARIANCE / DRAWS).sqrt()
    assert ((drawn.mean(0) - MEAN).abs() < 5 * error + 0.05).all()
    assert ((drawn.var(0) / VARIANCE).log().abs() < 5 * (2 / DRAWS) ** 0.5 + 0.15).all()


@every
def test_more_steps_end_elsewhere(name: str) -> None:
    """The guard of the test above: the steps are walked."""
    assert not torch.equal(walk(made(name, 3), 50), walk(made(name, 6), 50))


@every
def test_chance_is_torchs_and_only_where_it_is_declared(name: str) -> None:
    sampler = made(name)
    assert torch.equal(walk(sampler, 20, seed=1), walk(sampler, 20, seed=1))
    torch.manual_seed(0)
    noise = noise_of(sampler)
    x = sampler.start(noise, torch.randn(20, 3))
    first, second = (sampler.walk(gaussian_denoiser(noise, MEAN, VARIANCE), noise, x.clone()) for _ in range(2))
    assert torch.equal(first, second) != sampler.stochastic


@every
def test_every_step_is_seen_and_every_call_counted(name: str) -> None:
    sampler, seen, calls = made(name, 7), [], []
    noise = noise_of(sampler)
    exact = gaussian_denoiser(noise, MEAN, VARIANCE)

    def counted(x: Tensor, t: Tensor) -> Tensor:
        calls.append(float(t))
        return exact(x, t)

    torch.manual_seed(0)
    start = sampler.start(noise, torch.randn(4, 3))
    kept = start.clone()
    end = sampler.walk(counted, noise, start, lambda step, x: seen.append((step, x.clone())))
    assert [step for step, _ in seen] == list(range(1, 8))
    assert torch.equal(seen[-1][1], end)
    assert torch.equal(start, kept), "the place it started from was written into"
    assert 7 * (sampler.calls - 1) < len(calls) <= 7 * sampler.calls


@every
def test_times_descend(name: str) -> None:
    times = made(name, 9).times(noise_of(made(name)))
    assert (times[1:] < times[:-1]).all()


@every
def test_no_step_is_no_walk(name: str) -> None:
    with pytest.raises(BadInput, match="step"):
        made(name, 0)


@every
def test_a_sampler_comes_back_from_its_recipe(name: str) -> None:
    recipe = write(made(name))
    assert whole(recipe)
    assert write(build(recipe)) == recipe
    assert type(build(recipe)) is type(made(name))
    assert "steps" in inspect.signature(shelf("samplers").load(name)).parameters
