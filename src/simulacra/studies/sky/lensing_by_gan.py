"""Does cosmoGAN's network draw weak lensing maps better than a lognormal field, which costs nothing?"""

from __future__ import annotations

from typing import Literal

from simulacra.models.gan import GAN
from simulacra.networks.cosmogan import CosmoGANCritic, CosmoGANGenerator
from simulacra.running.study import Study
from simulacra.subjects.lensing import REFERENCES, sky
from simulacra.training.budget import Budget
from simulacra.views.compressed import Compressed


def study(
    source: Literal["found", "planes", "lognormal"] = "found",
    size: int = 32,
    redshift: float = 2.05,
    maps: int = 16,
    latent: int = 64,
    width: int = 16,
    bend: float = 1.0,
    steps: int = 1500,
) -> Study:
    """Convergence maps of N-body planes and cosmoGAN's DCGAN: 64 normal numbers, four convolutions each way, minimax.

    The published one is 256 pixels a side and 64 wide.

    Args:
        source: planes of an N-body simulation, lognormal fields, or the planes where they are found in SIMULACRA_DATA.
        size: pixels along a side of a map; 32 or 64 (of 0.41 arc minutes) from planes, up to 256 of lognormal fields.
        redshift: of the source galaxies, behind the planes.
        maps: from planes, of each region of the sky.
        latent: length of the generator's latent vector.
        width: channels of the networks next to the map; doubled at each of the other three layers.
        bend: how strongly rare high values are brought closer before the network sees them; 0 is a straight scaling.
        steps: training steps, each one of the critic and one of the generator.
    """
    maps_ = sky(source, size, redshift, maps)
    return Study(
        source=maps_.source,
        view=Compressed(bend),
        model=GAN(CosmoGANGenerator(size, width, latent), CosmoGANCritic(size, width), latent, conditional=False),
        judges=maps_.judges,
        baselines=maps_.baselines,
        budget=Budget(steps, batch=64, rate=2e-4, betas=(0.5, 0.999)),
        split=maps_.split,
        expect=dict.fromkeys(maps_.judges, "differs") if maps_.simulated else {},
        references=(
            "Unsupervised representation learning with deep convolutional generative adversarial networks "
            "(Radford, Metz & Chintala, 2016), arXiv:1511.06434",
            *REFERENCES,
        ),
        question=maps_.asks((__doc__ or "").strip()),
    )
