"""Few steps of molecules: the straight walk on another schedule is Euler's rule; equal is said with its interval."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from simulacra.diffusion.noise import Flow, Polynomial
from simulacra.samplers.base import gaussian_denoiser
from simulacra.samplers.euler import Euler


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    path = Path(__file__).parent.parent / "benchmarks" / "molecule_steps.py"
    spec = importlib.util.spec_from_file_location("molecule_steps", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "molecule_steps", module)
        spec.loader.exec_module(module)
        yield module


def test_a_straight_walk_on_the_molecules_schedule_is_that_of_a_flow(bench: ModuleType) -> None:
    """Given the exact expected data; beyond the schedule's ends, at noise over signal of 316 and of 0.003, nearly."""
    mean, variance = torch.tensor([0.5, -1.0, 2.0]).double(), torch.tensor([0.2, 1.0, 3.0]).double()
    x = torch.randn(50, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    straight = bench.Straight(20).walk(gaussian_denoiser(Polynomial(), mean, variance), Polynomial(), x)
    flow = Euler(20).walk(gaussian_denoiser(Flow(), mean, variance), Flow(), x)
    assert (straight - flow).abs().max() < 3 * 3.0 / 316  # what a signal of 1 / 316 that is not there can do
    assert (flow - mean).abs().max() > 1


def test_equal_means_that_no_interval_is_without_nothing(bench: ModuleType) -> None:
    def found(molecules: float) -> object:
        return bench.Set("DDPM", 9, 9, 1.0, np.array([0.9, molecules, 0.5]), np.array([0.01, 0.02, 0.02]))

    assert bench.alike(found(0.5), found(0.54)) and not bench.alike(found(0.5), found(0.6))
    (_, (low, high), _) = bench.apart(found(0.5), found(0.6))
    half = 1.96 * (2 * 0.02**2) ** 0.5
    assert (low, high) == pytest.approx((-0.1 - half, -0.1 + half))
