"""Do the galaxies that an autoencoder draws have the shapes, colors and light profiles of real ones?"""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path
from typing import Literal

from torch import nn

from simulacra.baselines.copycat import copycat
from simulacra.baselines.pca import pca
from simulacra.core.errors import BadInput
from simulacra.judging.base import Judge
from simulacra.models.latent_prior import LatentPrior
from simulacra.models.likelihoods import BernoulliLikelihood, GaussianLikelihood
from simulacra.models.vae import VAE
from simulacra.networks.convolution import ConvolutionDecoder, ConvolutionEncoder
from simulacra.networks.coupling import Coupling
from simulacra.networks.mlp import MLP
from simulacra.running.split import Split
from simulacra.running.study import Study
from simulacra.sources.base import Archive
from simulacra.sources.sky.galaxy_zoo import GalaxyZoo
from simulacra.statistics.pictures.color import Color
from simulacra.statistics.pictures.pixel_histogram import PixelHistogram
from simulacra.statistics.sky.concentration import Concentration
from simulacra.statistics.sky.ellipticity import Ellipticity
from simulacra.statistics.sky.power_spectrum import PowerSpectrum
from simulacra.statistics.sky.radial_profile import RadialProfile
from simulacra.subjects.galaxies import own_pictures
from simulacra.training.budget import Budget
from simulacra.views.flat import Flat
from simulacra.views.pixels import Pixels


def study(
    images: Path | None = None,
    labels: Path | None = None,
    key: str = "",
    size: int = 64,
    crop: int = 64,
    network: Literal["dense", "convolutional"] = "dense",
    likelihood: Literal["bernoulli", "gaussian"] = "bernoulli",
    latent: int = 50,
    hidden: int = 500,
    prior: Literal["learned", "normal"] = "learned",
    steps: int = 2500,
) -> Study:
    """Color pictures of galaxies and a variational autoencoder; by default real ones of Galaxy Zoo.

    Args:
        images: your own folder, tar or zip of pictures, or an array (npy, npz, h5, fits) of shape (n, height, width,
            1 or 3) with pixels in 0 … 1 or in 8 or 16 bits; None takes the Galaxy Zoo set.
        labels: table of your pictures' classes (name, class); may be left out. Not for arrays.
        key: name of the array in an npz, h5 or fits file.
        size: pixels along a side that the model sees; arrays keep their own.
        crop: pixels along a side of the square cut from the middle before; most galaxies of the set fit in 64 of 128.
            Arrays are taken whole.
        network: the dense one of the source article (pixels, 500, 2 × 50 and back), or a convolutional one.
        likelihood: of the decoder: cross-entropy of each pixel, or normal with a learned width.
        latent: latent features.
        hidden: features of the dense layer between.
        prior: of the latent features in drawing: a law that is fitted to where the training pictures lie, or the
            standard normal one of the source article, between whose draws the decoder has seen little.
        steps: training steps.
    """
    source, shape = pictures(images, labels, key, size, crop)
    size, channels = shape[0], shape[2]
    numbers = math.prod(shape)
    encoder: nn.Module
    decoder: nn.Module
    if network == "dense":
        encoder, decoder = MLP(numbers, hidden, 2 * latent), MLP(latent, hidden, numbers)
    else:
        encoder, decoder = (
            ConvolutionEncoder(size, channels, 32, 2 * latent),
            ConvolutionDecoder(size, channels, 32, latent),
        )
    decoded = BernoulliLikelihood() if likelihood == "bernoulli" else GaussianLikelihood(0.1)
    autoencoder = VAE(encoder, decoder, latent, decoded)
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
        view=Flat() if network == "dense" else Pixels(),
        model=LatentPrior(autoencoder, Coupling(latent, 64, 4)) if prior == "learned" else autoencoder,
        judges=judges,
        baselines={"PCA": partial(pca, components=latent), "copycat": copycat},
        budget=Budget(steps, batch=64, rate=5e-4, final=0.1, looks=10),
        split=Split(train=60, validation=15, truth=25),
        expect=dict.fromkeys(judges, "differs") if images is None else {},
        references=(
            "Auto-Encoding Variational Bayes (Kingma & Welling, 2014), arXiv:1312.6114",
            "Diagnosing and enhancing VAE models (Dai & Wipf, 2019), arXiv:1903.05789",
            "Density estimation using Real NVP (Dinh et al., 2017), arXiv:1605.08803",
            "Galaxy Zoo 1: Data Release of Morphological Classifications for nearly 900,000 galaxies "
            "(Lintott et al., 2011), arXiv:1007.3265",
            "The Seventh Data Release of the Sloan Digital Sky Survey (Abazajian et al., 2009), arXiv:0812.0649",
        ),
    )


def pictures(
    images: Path | None, labels: Path | None, key: str, size: int, crop: int
) -> tuple[Archive, tuple[int, int, int]]:
    """The source and the shape of a picture (height, width, channels), which the user's own tell when they are read."""
    if images is None:
        if labels is not None or key:
            raise BadInput("labels or a key were given, but no pictures", str(labels or key), "give --images too")
        return GalaxyZoo(size=size, crop=crop), (size, size, 3)
    return own_pictures(images, labels, key, size, crop)
