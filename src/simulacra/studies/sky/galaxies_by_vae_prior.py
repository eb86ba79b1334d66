"""Are an autoencoder's galaxies truer if the law of its latent features is learned, too?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from simulacra.baselines.pca import pca
from simulacra.core.chance import stream
from simulacra.core.samples import Samples
from simulacra.judging.base import Judge
from simulacra.keeping.trained import Trained
from simulacra.models.latent_prior import LatentPrior
from simulacra.models.likelihoods import GaussianLikelihood
from simulacra.models.vae import VAE
from simulacra.networks.convolution import ConvolutionDecoder, ConvolutionEncoder
from simulacra.networks.coupling import Coupling
from simulacra.running.split import Split
from simulacra.running.study import Study
from simulacra.runs import Run
from simulacra.sources.sky.galaxy_zoo import GalaxyZoo
from simulacra.statistics.pictures.color import Color
from simulacra.statistics.pictures.pixel_histogram import PixelHistogram
from simulacra.statistics.sky.concentration import Concentration
from simulacra.statistics.sky.ellipticity import Ellipticity
from simulacra.statistics.sky.power_spectrum import PowerSpectrum
from simulacra.statistics.sky.radial_profile import RadialProfile
from simulacra.training.budget import Budget
from simulacra.views.pixels import Pixels


def study(
    images: Path | None = None,
    labels: Path | None = None,
    size: int = 32,
    crop: int = 64,
    latent: int = 32,
    couplings: int = 4,
    width: int = 32,
    steps: int = 1000,
) -> Study:
    """A convolutional autoencoder of real galaxies, drawn by a learned prior and, beside, by the standard normal one.

    Args:
        images: your own folder, tar or zip of color pictures with classes; None takes the Galaxy Zoo set.
        labels: table of your pictures' classes (name, class).
        size: pixels along a side that the model sees: 8, 16, 32, 64 …
        crop: pixels along a side of the square cut from the middle before.
        latent: latent features.
        couplings: of the learned prior; 0 makes it a normal law of any mean and covariance.
        width: channels of the first convolution.
        steps: training steps.
    """
    encoder, decoder = ConvolutionEncoder(size, 3, width, 2 * latent), ConvolutionDecoder(size, 3, width, latent)
    autoencoder = VAE(encoder, decoder, latent, GaussianLikelihood(0.05))
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
        model=LatentPrior(autoencoder, Coupling(latent, 64, couplings)),
        judges=judges,
        baselines={"PCA": partial(pca, components=50)},
        budget=Budget(steps, batch=64, rate=1e-3, final=0.1, looks=5),
        split=Split(train=60, validation=15, truth=25),
        expect={} if images else dict.fromkeys(judges, "differs"),
        references=(
            "Auto-Encoding Variational Bayes (Kingma & Welling, 2014), arXiv:1312.6114",
            "Diagnosing and enhancing VAE models (Dai & Wipf, 2019), arXiv:1903.05789",
            "Density estimation using Real NVP (Dinh et al., 2017), arXiv:1605.08803",
            "Galaxy Zoo 1: Data Release of Morphological Classifications for nearly 900,000 galaxies "
            "(Lintott et al., 2011), arXiv:1007.3265",
            "The Seventh Data Release of the Sloan Digital Sky Survey (Abazajian et al., 2009), arXiv:0812.0649",
        ),
        further=(by_the_normal_prior,),
    )


def by_the_normal_prior(trained: Trained, parts: Mapping[str, Samples], run: Run, seed: int) -> dict[str, Samples]:
    """What the very same weights draw by the prior that they were trained with."""
    model, n = trained.model, len(parts["truth"])
    assert isinstance(model, LatentPrior)
    plain = replace(trained, model=model.autoencoder)
    return {
        "normal prior": plain.draw(n, stream(seed, "draw")),
        "normal prior, mean": plain.draw_means(n, stream(seed, "draw")),
    }
