"""A study that takes seconds, for the tests."""

from __future__ import annotations

import torch

from simulacra import Budget, Judge, Split, Study
from simulacra.baselines.copycat import copycat
from simulacra.models.vae import VAE
from simulacra.networks.mlp import MLP
from simulacra.sources.sky.gaussian_field import GaussianField
from simulacra.statistics.sky.power_spectrum import PowerSpectrum
from simulacra.views.flat import Flat


def small(steps: int = 30, **more: object) -> Study:
    torch.manual_seed(0)
    settings: dict[str, object] = {
        "source": GaussianField(size=8),
        "view": Flat(),
        "model": VAE(MLP(64, 32, 8), MLP(4, 32, 64), 4),
        "judges": {"power spectrum": Judge(PowerSpectrum(box=100.0), reach=0.3)},
        "budget": Budget(steps, batch=32, looks=3),
        "baselines": {"copycat": copycat},
        "split": Split(200, 60, 80),
    }
    return Study(**{**settings, **more})  # type: ignore[arg-type]
