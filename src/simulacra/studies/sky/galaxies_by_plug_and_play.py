"""Can an autoencoder that knows no classes draw galaxies of an asked class, with a classifier as its guide?"""

from __future__ import annotations

from functools import partial

from simulacra.baselines.copycat import copycat
from simulacra.baselines.pca import pca
from simulacra.judging.base import Judge
from simulacra.models.likelihoods import BernoulliLikelihood
from simulacra.models.plug_and_play import PlugAndPlay
from simulacra.models.vae import VAE
from simulacra.networks.convolution import ConvolutionDecoder, ConvolutionEncoder
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

CLASSES = 3  # elliptical, spiral, edge-on


def study(
    size: int = 32,
    crop: int = 64,
    latent: int = 8,
    width: int = 16,
    moves: int = 30,
    weight: float = 1.0,
    steps: int = 1500,
) -> Study:
    """Galaxy Zoo, a plain convolutional autoencoder, and a classifier that leads walks in its latent space.

    Args:
        size: pixels along a side that the model sees: 8, 16, 32, 64 …
        crop: pixels along a side of the square cut from the middle before, of 128.
        latent: latent features.
        width: channels of the autoencoder next to the picture, doubled at each halving; the classifier has half.
        moves: of a walk in the latent space; half of them tune its step.
        weight: of the classifier: 1 draws as Bayes has it, more draws surer examples of the class.
        steps: training steps, each one of the autoencoder and one of the classifier.
    """
    plain = VAE(
        ConvolutionEncoder(size, 3, width, 2 * latent),
        ConvolutionDecoder(size, 3, width, latent),
        latent,
        BernoulliLikelihood(),
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
        source=GalaxyZoo(size=size, crop=crop),
        view=Pixels(),
        model=PlugAndPlay(plain, ConvolutionEncoder(size, 3, max(4, width // 2), CLASSES), moves, weight),
        judges=judges,
        baselines={"PCA": partial(pca, components=latent), "copycat": copycat},
        budget=Budget(steps, batch=64, rate=1e-3, final=0.1, looks=6),
        split=Split(train=60, validation=15, truth=25),
        references=(
            "Plug & play generative networks: conditional iterative generation of images in latent space "
            "(Nguyen et al., 2017), arXiv:1612.00005",
            "Auto-Encoding Variational Bayes (Kingma & Welling, 2014), arXiv:1312.6114",
            "Galaxy Zoo 1: Data Release of Morphological Classifications for nearly 900,000 galaxies "
            "(Lintott et al., 2011), arXiv:1007.3265",
            "The Seventh Data Release of the Sloan Digital Sky Survey (Abazajian et al., 2009), arXiv:0812.0649",
        ),
    )
