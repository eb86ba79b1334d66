"""Does a GAN draw the class of galaxy that it is asked for, as an independent classifier sees it?"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Literal

from simulacra.baselines.copycat import copycat
from simulacra.baselines.pca import pca
from simulacra.models.acgan import ACGAN
from simulacra.models.adversary import UnitInterval
from simulacra.networks.channels_last import ChannelsLast
from simulacra.networks.classifying_critic import ClassifyingCritic
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
    weight: float = 1.0,
    made: float = 1.0,
    steps: int = 1500,
) -> Study:
    """Color pictures of galaxies, their classes, and an auxiliary-classifier GAN; by default real ones.

    Args:
        source: galaxy_zoo (real ones, from SIMULACRA_DATA), simulator (made ones), or any: the former if at hand.
        images: your own folder, tar or zip of pictures, or an array (npy, npz, h5, fits) of shape (n, side, side,
            1 or 3) with pixels in 0 … 1 or in 8 or 16 bits.
        labels: table of your pictures' classes (name, class); needed, unless they lie in folders
            named by class. Not for arrays.
        key: name of the array in an npz, h5 or fits file.
        size: pixels along a side that the model sees: 32, 64, 128, 256; arrays keep their own.
        crop: pixels along a side of the square cut from the middle before; most galaxies of the set fit in 64 of 128.
            Made galaxies and arrays are taken whole.
        latent: length of the generator's latent vector.
        width: channels of the networks next to the picture; doubled at each halving.
        weight: of the class's part in the losses.
        made: share of it with which the critic learns classes from made galaxies too, 1 in the paper; 0 is not at all.
        steps: training steps, each one of the critic and one of the generator.
    """
    found = pictures(source, images, labels, key, size, crop)
    side, _, channels = found.shape
    count = len(found.needed_classes())
    generator = ChannelsLast(TransposedGenerator(side, channels, width, latent, conditions=count))
    critic = ChannelsLast(ClassifyingCritic(side, channels, width, 1 + count))
    judges = judges_of_adversaries(channels)
    return Study(
        source=found.source,
        view=Pixels(),
        model=ACGAN(generator, critic, latent, count, UnitInterval(), weight, made),
        judges=judges,
        baselines={"PCA": partial(pca, components=50), "copycat": copycat},
        budget=Budget(steps, batch=32, rate=1e-3, betas=(0.5, 0.999), average=0.99, final=0.1, looks=10),
        split=found.split,
        expect=dict.fromkeys(judges, "differs") if found.recorded else {},
        question=found.question(__doc__),
        references=(
            "Conditional image synthesis with auxiliary classifier GANs (Odena, Olah & Shlens, 2017), arXiv:1610.09585",
            DCGAN,
            *DATA,
        ),
    )
