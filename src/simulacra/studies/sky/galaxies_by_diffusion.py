"""Do the galaxies that a diffusion model draws have the shapes, colors and light profiles of real ones?"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from simulacra.baselines.copycat import copycat
from simulacra.baselines.pca import pca
from simulacra.core.errors import BadInput
from simulacra.diffusion.clock import FEATURES
from simulacra.diffusion.guidance import Conditions
from simulacra.diffusion.noise import VarianceExploding
from simulacra.diffusion.targets import PredictVelocity
from simulacra.diffusion.turns import Turns
from simulacra.diffusion.weighting import Lognormal
from simulacra.judging.base import Judge
from simulacra.models.diffusion import Diffusion
from simulacra.networks.filtered import Filtered
from simulacra.networks.folded import Folded
from simulacra.networks.unet import UNet
from simulacra.running.split import Split
from simulacra.running.study import Study
from simulacra.samplers.dpm_solver import DPMSolver
from simulacra.sources.base import Archive
from simulacra.sources.files.arrays import ENDINGS, Arrays
from simulacra.sources.files.image_folder import ImageFolder
from simulacra.sources.sky.galaxy_zoo import GalaxyZoo
from simulacra.statistics.pictures.color import Color
from simulacra.statistics.pictures.pixel_histogram import PixelHistogram
from simulacra.statistics.sky.concentration import Concentration
from simulacra.statistics.sky.ellipticity import Ellipticity
from simulacra.statistics.sky.power_spectrum import PowerSpectrum
from simulacra.statistics.sky.radial_profile import RadialProfile
from simulacra.training.budget import Budget
from simulacra.views.light import Light

CLASSES = 3  # of the Galaxy Zoo set: edge-on, elliptical, spiral


def study(
    images: Path | None = None,
    labels: Path | None = None,
    key: str = "",
    size: int = 32,
    crop: int = 64,
    width: int = 32,
    fold: int = 2,
    turns: bool = True,
    guidance: float = 1.0,
    walk: int = 20,
    steps: int = 3000,
) -> Study:
    """Color pictures of galaxies and a diffusion model given their class; by default real ones of Galaxy Zoo.

    Args:
        images: your own folder, tar or zip of pictures, or an array (npy, npz, h5, fits) of shape (n, height, width,
            1 or 3) with pixels in 0 … 1 or in 8 or 16 bits; None takes the Galaxy Zoo set.
        labels: table of your pictures' classes (name, class); may be left out. Not for arrays.
        key: name of the array in an npz, h5 or fits file.
        size: pixels along a side that the model sees, a multiple of 2 × fold; arrays keep their own.
        crop: pixels along a side of the square cut from the middle before; most galaxies of the set fit in 64 of 128.
            Arrays are taken whole.
        width: channels of the network on its finest grid; a training step costs about the square.
        fold: pixels along a side of the squares that the network sees as one place; half of it costs nearly four times
            as much at the same width.
        turns: whether a picture may as well be turned and mirrored, as on the sky; not for pictures with an up.
        guidance: how strongly draws follow their class; 1 is the law of the data, above it they are more typical and
            less varied, at twice the cost.
        walk: steps from noise to picture, each one call of the network.
        steps: training steps of 16 pictures.
    """
    source, shape, classes = pictures(images, labels, key, size, crop)
    channels = shape[2]
    stated = Conditions({"class": classes}, dropped=0.1, weight=guidance) if classes else None
    if stated is None and guidance != 1:
        raise BadInput("guidance needs classes", f"guidance={guidance}, pictures without", "give --labels too")
    known = FEATURES + (stated.width if stated else 0)
    network = Filtered(
        Folded(UNet(2, fold**2 * channels, width, known, growth=(1, 1), attention=0), fold),
        (channels, *shape[:2]),
        known,
    )
    judges = {
        "pixel histogram": Judge(PixelHistogram(), reach=0.16),
        "power spectrum": Judge(PowerSpectrum(), reach=0.32),
        "radial profile": Judge(RadialProfile(), reach=0.16),
        "concentration": Judge(Concentration(), reach=0.16),
        "ellipticity": Judge(Ellipticity(), reach=0.16),
    }
    if channels == 3:
        judges["color"] = Judge(Color(), reach=0.16)
    return Study(
        source=source,
        view=Light(),
        model=Diffusion(
            network,
            (channels, *shape[:2]),
            noise=VarianceExploding(),
            target=PredictVelocity(1.0),
            sampler=DPMSolver(walk),
            weighting=Lognormal(0.0, 1.8),
            conditioning=stated,
            symmetry=Turns() if turns else None,
        ),
        judges=judges,
        baselines={"PCA": pca, "copycat": copycat},
        # draws are dear beside training steps: one look, at the end
        budget=Budget(
            steps, batch=16, rate=4e-3, average=0.998, final=0.02, warmup=min(100, steps // 4), looks=1, glances=0
        ),
        split=Split(train=60, validation=15, truth=25),
        expect=dict.fromkeys(judges, "differs") if images is None else {},
        references=(
            "Denoising diffusion probabilistic models (Ho, Jain & Abbeel, 2020), arXiv:2006.11239",
            "Elucidating the design space of diffusion-based generative models (Karras et al., 2022), arXiv:2206.00364",
            "DPM-Solver++: fast solver for guided sampling of diffusion probabilistic models (Lu et al., 2022), "
            "arXiv:2211.01095",
            "Classifier-free diffusion guidance (Ho & Salimans, 2022), arXiv:2207.12598",
            "Galaxy Zoo 1: Data Release of Morphological Classifications for nearly 900,000 galaxies "
            "(Lintott et al., 2011), arXiv:1007.3265",
            "The Seventh Data Release of the Sloan Digital Sky Survey (Abazajian et al., 2009), arXiv:0812.0649",
        ),
    )


def pictures(
    images: Path | None, labels: Path | None, key: str, size: int, crop: int
) -> tuple[Archive, tuple[int, int, int], int]:
    """The source, the shape of a picture (height, width, channels) and the number of classes, 0 for none.

    Shape and classes of the user's own pictures are given when they are read.
    """
    if images is None:
        if labels is not None or key:
            raise BadInput("labels or a key were given, but no pictures", str(labels or key), "give --images too")
        return GalaxyZoo(size=size, crop=crop), (size, size, 3), CLASSES
    source: Archive
    if images.name.lower().endswith(ENDINGS):
        if labels is not None:
            raise BadInput("labels are not read for arrays", str(labels), "leave --labels out")
        source = Arrays(images, key=key, kind="picture")
    else:
        if key:
            raise BadInput("a key names an array, and these are pictures", key, "leave --key out")
        source = ImageFolder(images, labels, size, crop)
    found = source.read()
    height, width, channels = found.array.shape[1:]
    classes = len(np.unique(found.given["class"])) if "class" in found.given else 0
    return source, (height, width, channels), classes
