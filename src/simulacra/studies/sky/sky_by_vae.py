"""Can a small autoencoder draw skies with the right power at every scale?"""

from __future__ import annotations

from simulacra.baselines.copycat import copycat
from simulacra.baselines.same_spectrum import same_spectrum
from simulacra.judging.base import Judge
from simulacra.models.vae import VAE
from simulacra.networks.mlp import MLP
from simulacra.running.split import Split
from simulacra.running.study import Study
from simulacra.sources.sky.gaussian_field import GaussianField
from simulacra.statistics.pictures.pixel_histogram import PixelHistogram
from simulacra.statistics.sky.power_spectrum import PowerSpectrum
from simulacra.training.budget import Budget
from simulacra.views.flat import Flat


def study(size: int = 16, slope: float = -2.0, latent: int = 32, steps: int = 2000) -> Study:
    """Gaussian skies, a dense autoencoder, and the power spectrum as the judge: seconds, and the answer is known.

    Args:
        size: pixels along a side.
        slope: logarithmic slope of the true power.
        latent: latent features; with fewer than size², expect small scales to suffer.
        steps: training steps.
    """
    sky = GaussianField(size=size, slope=slope)
    return Study(
        source=sky,
        view=Flat(),
        model=VAE(MLP(size**2, 256, 2 * latent), MLP(latent, 256, size**2), latent),
        judges={
            "power spectrum": Judge(PowerSpectrum(box=sky.box, length="Mpc/h"), reach=0.16),
            "pixel histogram": Judge(PixelHistogram(), reach=0.16),
        },
        baselines={"same spectrum": same_spectrum, "copycat": copycat},
        budget=Budget(steps, batch=64, rate=1e-3),
        split=Split(train=2000, validation=500, truth=1000),
        expect={"power spectrum": "differs", "pixel histogram": "differs"},
        references=("Auto-Encoding Variational Bayes (Kingma & Welling, 2014), arXiv:1312.6114",),
    )
