"""Does a Wasserstein GAN draw weak lensing maps better than a lognormal field, which costs nothing?"""

from __future__ import annotations

from typing import Literal

from simulacra.models.wgan_gp import WGANGP
from simulacra.networks.dcgan import DCGANCritic, DCGANGenerator
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
    penalty: float = 10.0,
    rounds: int = 2,
    steps: int = 800,
) -> Study:
    """Convergence maps of N-body planes, convolutions, and a critic that measures the earth mover's distance.

    Args:
        source: planes of an N-body simulation, lognormal fields, or the planes where they are found in SIMULACRA_DATA.
        size: pixels along a side of a map; 32 or 64 (of 0.41 arc minutes) from planes, up to 256 of lognormal fields.
        redshift: of the source galaxies, behind the planes.
        maps: from planes, of each region of the sky.
        latent: length of the generator's latent vector.
        width: channels of the networks next to the map; doubled at each further layer.
        bend: how strongly rare high values are brought closer before the network sees them; 0 is a straight scaling.
        penalty: weight of the penalty on the critic's slope.
        rounds: moves of the critic for one of the generator; published: 5.
        steps: training steps.
    """
    maps_ = sky(source, size, redshift, maps)
    # doublings by copies, and not by transposed convolutions, whose grain these smooth maps would have to unlearn
    generator, critic = DCGANGenerator(size, 1, width, latent), DCGANCritic(size, 1, width, offset=False)
    return Study(
        source=maps_.source,
        view=Compressed(bend),
        model=WGANGP(generator, critic, latent, penalty=penalty, rounds=rounds, conditional=False),
        judges=maps_.judges,
        baselines=maps_.baselines,
        budget=Budget(steps, batch=64, rate=5e-4, betas=(0.0, 0.9), average=0.99, final=0.05),
        split=maps_.split,
        # the other judges differ or not by the luck of the game
        expect=dict.fromkeys(("power spectrum", "peak counts", "Minkowski functionals"), "differs")
        if maps_.simulated
        else {},
        references=("Improved training of Wasserstein GANs (Gulrajani et al., 2017), arXiv:1704.00028", *REFERENCES),
        question=maps_.asks((__doc__ or "").strip()),
    )
