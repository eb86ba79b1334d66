"""Do the galaxies that an autoencoder draws have the shapes, colors and light profiles of real ones?"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Literal

from torch import nn

from simulacra.baselines.copycat import copycat
from simulacra.baselines.pca import pca
from simulacra.judges import Judge
from simulacra.models.likelihoods import BernoulliLikelihood, GaussianLikelihood
from simulacra.models.vae import VAE
from simulacra.networks.convolution import ConvolutionDecoder, ConvolutionEncoder
from simulacra.networks.mlp import MLP
from simulacra.sources.base import Archive
from simulacra.sources.galaxy_zoo import GalaxyZoo
from simulacra.sources.image_folder import ImageFolder
from simulacra.statistics.color import Color
from simulacra.statistics.concentration import Concentration
from simulacra.statistics.ellipticity import Ellipticity
from simulacra.statistics.pixel_histogram import PixelHistogram
from simulacra.statistics.power_spectrum import PowerSpectrum
from simulacra.statistics.radial_profile import RadialProfile
from simulacra.study import Split, Study
from simulacra.training.budget import Budget
from simulacra.views.flat import Flat
from simulacra.views.pixels import Pixels


def study(
    images: Path | None = None,
    labels: Path | None = None,
    size: int = 64,
    crop: int = 64,
    network: Literal["dense", "convolutional"] = "dense",
    likelihood: Literal["bernoulli", "gaussian"] = "bernoulli",
    latent: int = 50,
    hidden: int = 500,
    steps: int = 2500,
) -> Study:
    """Color pictures of galaxies and a variational autoencoder; by default real ones of Galaxy Zoo.

    Args:
        images: your own folder, tar or zip of pictures; None takes the Galaxy Zoo set.
        labels: table of your pictures' classes (name, class); may be left out.
        size: pixels along a side that the model sees.
        crop: pixels along a side of the square cut from the middle before; most galaxies of the set fit in 64 of 128.
        network: the dense one of the source article (pixels, 500, 2 × 50 and back), or a convolutional one.
        likelihood: of the decoder: cross-entropy of each pixel, or normal with a learned width.
        latent: latent features.
        hidden: features of the dense layer between.
        steps: training steps.
    """
    source: Archive = GalaxyZoo(size=size, crop=crop) if images is None else ImageFolder(images, labels, size, crop)
    numbers = 3 * size**2
    encoder: nn.Module
    decoder: nn.Module
    if network == "dense":
        encoder, decoder = MLP(numbers, hidden, 2 * latent), MLP(latent, hidden, numbers)
    else:
        encoder, decoder = ConvolutionEncoder(size, 3, 32, 2 * latent), ConvolutionDecoder(size, 3, 32, latent)
    decoded = BernoulliLikelihood() if likelihood == "bernoulli" else GaussianLikelihood(0.1)
    return Study(
        source=source,
        view=Flat() if network == "dense" else Pixels(),
        model=VAE(encoder, decoder, latent, decoded),
        judges={
            "pixel histogram": Judge(PixelHistogram(), reach=0.16),
            "power spectrum": Judge(PowerSpectrum(), reach=0.32),
            "radial profile": Judge(RadialProfile(), reach=0.16),
            "concentration": Judge(Concentration(), reach=0.16),
            "ellipticity": Judge(Ellipticity(), reach=0.16),
            "color": Judge(Color(), reach=0.16),
        },
        baselines={"PCA": partial(pca, components=latent), "copycat": copycat},
        budget=Budget(steps, batch=64, rate=5e-4, final=0.1, looks=10),
        split=Split(train=60, validation=15, truth=25),
        references=(
            "Auto-Encoding Variational Bayes (Kingma & Welling, 2014), arXiv:1312.6114",
            "Galaxy Zoo 1: Data Release of Morphological Classifications for nearly 900,000 galaxies "
            "(Lintott et al., 2011), arXiv:1007.3265",
            "The Seventh Data Release of the Sloan Digital Sky Survey (Abazajian et al., 2009), arXiv:0812.0649",
        ),
    )
