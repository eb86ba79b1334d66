"""Does a Wasserstein-divergence GAN draw all sorts of galaxies?"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Literal

from simulacra.baselines.copycat import copycat
from simulacra.baselines.pca import pca
from simulacra.models.adversary import UnitInterval
from simulacra.models.wgan_div import WGANDiv
from simulacra.networks.channels_last import ChannelsLast
from simulacra.networks.dcgan import DCGANCritic
from simulacra.networks.transposed_generator import TransposedGenerator
from simulacra.running.study import Study
from simulacra.subjects.galaxies import DATA, DCGAN, judges_of_adversaries, pictures
from simulacra.training.budget import Budget
from simulacra.views.pixels import Pixels


def study(
    source: Literal["any", "galaxy_zoo", "simulator"] = "any",
    images: Path | None = None,
    labels: Path | None = None,
    key: str = "",
    size: int = 32,
    crop: int = 64,
    latent: int = 64,
    width: int = 16,
    weight: float = 2.0,
    power: float = 6.0,
    rounds: int = 1,
    steps: int = 1500,
) -> Study:
    """Color pictures of galaxies and a GAN that lowers a Wasserstein divergence; by default real ones.

    Args:
        source: galaxy_zoo (real ones, from SIMULACRA_DATA), simulator (made ones), or any: the former if at hand.
        images: your own folder, tar or zip of pictures, or an array (npy, npz, h5, fits) of shape (n, side, side,
            1 or 3) with pixels in 0 … 1 or in 8 or 16 bits.
        labels: table of your pictures' classes (name, class); may be left out. Not for arrays.
        key: name of the array in an npz, h5 or fits file.
        size: pixels along a side that the model sees: 32, 64, 128, 256; arrays keep their own.
        crop: pixels along a side of the square cut from the middle before; most galaxies of the set fit in 64 of 128.
            Made galaxies and arrays are taken whole.
        latent: length of the generator's latent vector.
        width: channels of the networks next to the picture; doubled at each halving.
        weight: of the power of the critic's slope, k.
        power: of the slope, p.
        rounds: moves of the critic for one of the generator; the critic learns twice as fast instead of moving oftener.
        steps: training steps, each one move of the generator.
    """
    found = pictures(source, images, labels, key, size, crop)
    side, _, channels = found.shape
    generator = ChannelsLast(TransposedGenerator(side, channels, width, latent))
    critic = ChannelsLast(DCGANCritic(side, channels, width, offset=False))
    judges = judges_of_adversaries(channels)
    return Study(
        source=found.source,
        view=Pixels(),
        model=WGANDiv(generator, critic, latent, UnitInterval(), weight, power, rounds, conditional=False),
        judges=judges,
        baselines={"PCA": partial(pca, components=50), "copycat": copycat},
        budget=Budget(steps, 32, {"critic": 2e-3, "generator": 1e-3}, (0.0, 0.9), average=0.99, final=0.1, looks=10),
        split=found.split,
        expect=dict.fromkeys(judges, "differs") if found.recorded else {},
        question=found.question(__doc__),
        references=(
            "Wasserstein divergence for GANs (Wu et al., 2018), arXiv:1712.01026",
            "GANs trained by a two time-scale update rule converge to a local Nash equilibrium (Heusel et al., 2017), "
            "arXiv:1706.08500",
            DCGAN,
            *DATA,
        ),
    )
