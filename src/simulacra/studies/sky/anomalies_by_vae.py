"""Does an autoencoder that knows normal galaxies find the merging ones, and better than what is simpler?"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Literal

from simulacra.baselines.pca import pca
from simulacra.exhibits.anomalies import Anomalies
from simulacra.judging.base import Judge
from simulacra.models.likelihoods import GaussianLikelihood
from simulacra.models.vae import VAE
from simulacra.networks.convolution import ConvolutionDecoder, ConvolutionEncoder
from simulacra.running.split import Split
from simulacra.running.study import Study
from simulacra.sources.sky.galaxy_pairs import GalaxyPairs
from simulacra.sources.sky.galaxy_simulator import GalaxySimulator
from simulacra.sources.sky.galaxy_zoo import GalaxyZoo
from simulacra.statistics.sky.asymmetry import Asymmetry
from simulacra.statistics.sky.concentration import Concentration
from simulacra.statistics.sky.radial_profile import RadialProfile
from simulacra.training.budget import Budget
from simulacra.views.pixels import Pixels


def study(
    source: Literal["galaxy_zoo", "simulator"] = "galaxy_zoo",
    images: Path | None = None,
    labels: Path | None = None,
    size: int = 32,
    crop: int = 64,
    latent: int = 32,
    width: int = 32,
    components: int = 32,
    neighbors: int = 5,
    trees: int = 200,
    steps: int = 1200,
) -> Study:
    """Mergers of Galaxy Zoo among normal galaxies; a VAE that has seen only normal ones, and simpler scores beside it.

    Normal galaxies train it; others of them, and all mergers, are scored. No score is chosen by a look at mergers.

    Args:
        source: real galaxies, or made ones with overlapping pairs as mergers; these need no data.
        images: your own folder, tar or zip of color pictures, with a class "merger"; None takes the Galaxy Zoo set.
        labels: table of your pictures' classes (name, class).
        size: pixels along a side that the model sees: 8, 16, 32, 64 …
        crop: pixels along a side of the square cut from the middle before.
        latent: latent features.
        width: channels of the first convolution.
        components: principal directions of PCA's reconstruction; as many as latent features by default.
        neighbors: whose distance is averaged.
        trees: of the isolation forest.
        steps: training steps.
    """
    encoder, decoder = ConvolutionEncoder(size, 3, width, 2 * latent), ConvolutionDecoder(size, 3, width, latent)
    judges = {
        "radial profile": Judge(RadialProfile(), reach=0.16),
        "concentration": Judge(Concentration(), reach=0.16),
    }
    made = source == "simulator"
    anomalies = Anomalies(
        GalaxyPairs(size) if made else GalaxyZoo(images=images, labels=labels, size=size, crop=crop, mergers=True),
        "merger",
        {"asymmetry": Asymmetry(), "mean brightness": RadialProfile(rings=1)},
        components,
        neighbors,
        trees,
    )
    return Study(
        source=GalaxySimulator(size) if made else GalaxyZoo(images=images, labels=labels, size=size, crop=crop),
        view=Pixels(),
        model=VAE(encoder, decoder, latent, GaussianLikelihood(0.05)),
        judges=judges,
        baselines={"PCA": partial(pca, components=components)},
        budget=Budget(steps, batch=64, rate=1e-3, final=0.1, looks=3),
        split=Split(train=1380, validation=345, truth=575),
        expect={} if made or images else dict.fromkeys(judges, "differs"),
        references=(
            "Auto-Encoding Variational Bayes (Kingma & Welling, 2014), arXiv:1312.6114",
            "Comparing the areas under two or more correlated receiver operating characteristic curves: a "
            "nonparametric approach (DeLong et al., 1988), doi:10.2307/2531595",
            "Isolation Forest (Liu, Ting & Zhou, 2008), doi:10.1109/ICDM.2008.17",
            "The Relationship between Stellar Light Distributions of Galaxies and Their Formation Histories "
            "(Conselice, 2003), arXiv:astro-ph/0303065",
            "Galaxy Zoo 1: Data Release of Morphological Classifications for nearly 900,000 galaxies "
            "(Lintott et al., 2011), arXiv:1007.3265",
            "The Seventh Data Release of the Sloan Digital Sky Survey (Abazajian et al., 2009), arXiv:0812.0649",
        ),
        further=(anomalies,),
    )
