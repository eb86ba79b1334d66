"""Can a shower be drawn from coarse to fine so well that a classifier hardly distinguishes it from the simulation's?"""

from __future__ import annotations

from pathlib import Path

from simulacra.diffusion.clock import FEATURES
from simulacra.diffusion.guidance import Conditions
from simulacra.models.diffusion import Diffusion
from simulacra.models.shower_cascade import ENERGY, SAID, TOLD, ShowerCascade
from simulacra.networks.conditioned_mlp import ConditionedMLP
from simulacra.networks.mlp import MLP
from simulacra.running.study import Study
from simulacra.samplers.dpm_solver import DPMSolver
from simulacra.subjects.calorimeter import BASELINES, REFERENCES, further, judges, showers
from simulacra.training.budget import Budget
from simulacra.views.showers import Showers


def study(
    showers_file: Path | None = None,
    cells: int = 25,
    layers: int = 25,
    train: int = 8000,
    truth: int = 1000,
    stated: int = 4000,
    width: int = 80,
    layers_width: int = 192,
    walk: int = 40,
    share: float = 0.2,
    steps: int = 4000,
) -> Study:
    """Electrons of 10 to 500 GeV in 25 × 25 × 25 cells: layer energies by diffusion, then split in two down to cells.

    Args:
        showers_file: HDF5 in the layout of the 3D-GAN's data (ECAL, target), 25 × 25 × 25 cells; made showers if none.
        cells: along a side of a layer, of made showers; a cell is 5.1 mm.
        layers: of made showers; a layer is 3.5 mm of tungsten and 0.5 mm of silicon.
        train: made showers to learn from.
        truth: made showers to be judged by.
        stated: made showers a side for the classifiers that learn to distinguish truth from model.
        width: of the dense layers of the law of a split.
        layers_width: of the dense layers of the law of the layers' energies.
        walk: steps from noise to the layers' energies.
        share: of each shower's layers, chosen at random, whose splits a step learns from.
        steps: training steps of 64 showers.
    """
    found = showers(showers_file, cells, layers, train, truth)
    numbers = found.shape[0] + 1
    told_energy = Conditions({ENERGY: 0})
    network = ConditionedMLP(numbers, layers_width, FEATURES + told_energy.width)
    law = MLP(TOLD, width, width, SAID)
    asked = judges()
    return Study(
        source=found.source,
        view=Showers(),
        model=ShowerCascade(
            Diffusion(network, (numbers,), sampler=DPMSolver(walk), conditioning=told_energy),
            law,
            found.shape,
            share=share,
        ),
        judges=asked,
        baselines=BASELINES,
        budget=Budget(
            steps,
            batch=64,
            rate={"layers": 2e-3, "splits": 3e-3},
            clip=10.0,
            average=0.998,
            final=0.02,
            warmup=min(50, steps // 4),
            looks=2,
            glances=0,
        ),
        split=found.split,
        further=further(found, stated),
        expect={**dict.fromkeys(asked, "consistent"), "sparsity": "differs"} if found.recorded else {},
        references=(
            "CaloFlow: fast and accurate generation of calorimeter showers with normalizing flows "
            "(Krause & Shih, 2021), arXiv:2106.05285",
            "DPM-Solver++: fast solver for guided sampling of diffusion probabilistic models (Lu et al., 2022), "
            "arXiv:2211.01095",
            *REFERENCES,
        ),
    )
