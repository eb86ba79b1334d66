"""Can a three-dimensional GAN stand in for the simulation of a calorimeter, as the first of them did?"""

from __future__ import annotations

from pathlib import Path

from simulacra.models.shower_gan import ShowerGAN
from simulacra.networks.shower_critic import ShowerCritic
from simulacra.networks.shower_generator import ShowerGenerator
from simulacra.running.study import Study
from simulacra.subjects.calorimeter import BASELINES, REFERENCES, further, judges, showers
from simulacra.training.budget import Budget
from simulacra.views.showers import Showers


def study(
    showers_file: Path | None = None,
    cells: int = 25,
    layers: int = 25,
    train: int = 6000,
    truth: int = 600,
    stated: int = 1500,
    latent: int = 32,
    width: int = 4,
    weight_energy: float = 20.0,
    weight_sum: float = 10.0,
    steps: int = 800,
) -> Study:
    """Electrons of 10 to 500 GeV in 25 × 25 × 25 cells, and a conditional GAN whose critic also shows their energy.

    Args:
        showers_file: HDF5 in the layout of the 3D-GAN's data (ECAL, target), 25 × 25 × 25 cells; made showers if none.
        cells: along a side of a layer, of made showers; a cell is 5.1 mm.
        layers: of made showers; a layer is 3.5 mm of tungsten and 0.5 mm of silicon.
        train: made showers to learn from.
        truth: made showers to be judged by.
        stated: made showers a side for the classifiers that learn to distinguish truth from model.
        latent: numbers of chance that all cells of a shower share.
        width: channels of the generator next to the cells.
        weight_energy: of the energy that the critic sees, in both losses; the game itself counts 6.
        weight_sum: of the energy that lies in the cells, in the generator's loss.
        steps: training steps of 16 showers, each one of the critic and one of the generator.
    """
    found = showers(showers_file, cells, layers, train, truth)
    generator = ShowerGenerator(found.shape, width, latent, conditioning=1)
    critic = ShowerCritic(found.shape, 2 * width, conditioning=1)
    asked = judges()
    return Study(
        source=found.source,
        view=Showers(),
        model=ShowerGAN(generator, critic, weights=(6.0, weight_energy, weight_sum)),
        judges=asked,
        baselines=BASELINES,
        budget=Budget(
            steps,
            batch=16,
            rate={"critic": 4e-4, "generator": 5e-4},
            betas=(0.5, 0.99),
            clip=50.0,
            average=0.98,
            final=0.05,
            looks=4,
            glances=0,
        ),
        split=found.split,
        further=further(found, stated),
        expect=dict.fromkeys(asked, "differs") if found.recorded else {},
        references=(
            "Three dimensional energy parametrized generative adversarial networks for electromagnetic shower "
            "simulation (Carminati, Khattak & Vallecorsa, 2018), doi:10.1109/ICIP.2018.8451587",
            *REFERENCES,
        ),
    )
