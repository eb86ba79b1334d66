"""Can a masked autoencoder fill in what is hidden of galaxies that it has not seen?"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from simulacra.baselines.pca import pca
from simulacra.exhibits.fill_in import FillIn
from simulacra.judging.base import Judge
from simulacra.models.masked_autoencoder import MaskedAutoencoder
from simulacra.models.turned import Turned
from simulacra.networks.patch import PatchDecoder, PatchEncoder
from simulacra.running.split import Split
from simulacra.running.study import Study
from simulacra.sources.sky.galaxy_zoo import GalaxyZoo
from simulacra.statistics.pictures.color import Color
from simulacra.statistics.pictures.pixel_histogram import PixelHistogram
from simulacra.statistics.sky.concentration import Concentration
from simulacra.statistics.sky.ellipticity import Ellipticity
from simulacra.statistics.sky.power_spectrum import PowerSpectrum
from simulacra.statistics.sky.radial_profile import RadialProfile
from simulacra.training.budget import Budget
from simulacra.views.pixels import Pixels

SPREAD = 0.15
"""Of the pixels of Galaxy Zoo, about, where brightness runs from 0 to 1."""


def study(
    images: Path | None = None,
    labels: Path | None = None,
    size: int = 32,
    crop: int = 64,
    patch: int = 4,
    hidden: float = 0.75,
    width: int = 96,
    depth: int = 3,
    components: int = 400,
    steps: int = 1100,
) -> Study:
    """Color pictures of real galaxies, three quarters hidden; linear regression and neighbors fill in beside.

    The verdict is on pictures filled in from nothing, for which a masked autoencoder is not made. What it is made for
    stands below it: held-out galaxies filled in.

    Args:
        images: your own folder, tar or zip of color pictures with classes; None takes the Galaxy Zoo set.
        labels: table of your pictures' classes (name, class).
        size: pixels along a side that the model sees.
        crop: pixels along a side of the square cut from the middle before.
        patch: pixels along a side of a patch.
        hidden: share of the patches that is hidden.
        width: features of a patch in the encoder; the decoder has two thirds of them.
        depth: blocks of the encoder; the decoder has two.
        components: principal directions of the linear regression; 400 were best on validation of 50 to 400.
        steps: training steps.
    """
    numbers, narrow = 3 * patch**2, 8 * max(1, round(width / 12))
    model = MaskedAutoencoder(
        PatchEncoder(numbers, width, depth, spread=SPREAD),
        PatchDecoder(width, numbers, narrow),
        (3, size, size),
        patch,
        hidden,
    )
    judges = {
        "pixel histogram": Judge(PixelHistogram(), reach=0.16),
        "power spectrum": Judge(PowerSpectrum(), reach=0.32),
        "radial profile": Judge(RadialProfile(), reach=0.16),
        "concentration": Judge(Concentration(), reach=0.16),
        "ellipticity": Judge(Ellipticity(), reach=0.16),
        "color": Judge(Color(), reach=0.16),
    }
    return Study(
        source=GalaxyZoo(images=images, labels=labels, size=size, crop=crop),
        view=Pixels(),
        model=Turned(model),
        judges=judges,
        baselines={"PCA": partial(pca, components=50)},
        # one look, at the end: looks choose by pictures from nothing, which grow worse while filling in grows better
        budget=Budget(steps, batch=64, rate=2e-3, betas=(0.9, 0.95), warmup=min(50, steps // 2), final=0.02, looks=1),
        split=Split(train=60, validation=15, truth=25),
        expect={} if images else dict.fromkeys(judges, "differs"),
        references=(
            "Masked autoencoders are scalable vision learners (He et al., 2021), arXiv:2111.06377",
            "Galaxy Zoo 1: Data Release of Morphological Classifications for nearly 900,000 galaxies "
            "(Lintott et al., 2011), arXiv:1007.3265",
            "The Seventh Data Release of the Sloan Digital Sky Survey (Abazajian et al., 2009), arXiv:0812.0649",
        ),
        further=(FillIn(judges, components),),
    )
