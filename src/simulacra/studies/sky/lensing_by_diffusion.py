"""Do the lensing maps that a diffusion model draws hold the peaks and the shapes of real mass, beyond its spectrum?"""

from __future__ import annotations

from pathlib import Path

from simulacra.baselines.copycat import copycat
from simulacra.baselines.same_spectrum import same_spectrum
from simulacra.diffusion.clock import FEATURES
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
from simulacra.sources.sky.lensing_planes import LensingPlanes
from simulacra.statistics.pictures.pixel_histogram import PixelHistogram
from simulacra.statistics.sky.bispectrum import Bispectrum
from simulacra.statistics.sky.minkowski_functionals import MinkowskiFunctionals
from simulacra.statistics.sky.peak_counts import PeakCounts
from simulacra.statistics.sky.power_spectrum import PowerSpectrum
from simulacra.training.budget import Budget
from simulacra.views.maps import Maps

REGIONS = 16  # along a side of a plane: 256 groups of maps that share no mass
MINUTES = 3.5 * 60 / 512  # of arc, along a side of a pixel


def study(
    planes: Path | None = None,
    size: int = 32,
    maps: int = 8,
    redshift: float = 2.05,
    width: int = 32,
    fold: int = 2,
    walk: int = 40,
    steps: int = 3000,
) -> Study:
    """Convergence maps of a fifth of a degree, ray-traced through N-body planes of mass, and a diffusion model.

    Maps are cut from larger skies: their edges are open, so the network's borders are not periodic. Training and truth
    share no region of any plane.

    Args:
        planes: npz of the planes; None takes the set from the data folder.
        size: pixels along a side of a map, a multiple of 2 × fold, at most 32; a pixel is 0.41 arcmin.
        maps: maps of each of the 256 groups of disjoint regions.
        redshift: of the source galaxies.
        width: channels of the network on its finest grid.
        fold: pixels along a side of the squares that the network sees as one place.
        walk: steps from noise to map, each one call of the network.
        steps: training steps of 16 maps.
    """
    box = size * MINUTES
    network = Filtered(
        Folded(UNet(2, fold**2, width, FEATURES, growth=(1, 1), attention=0), fold), (1, size, size), FEATURES
    )
    return Study(
        source=LensingPlanes(planes, size, REGIONS, maps, redshift),
        view=Maps(),
        model=Diffusion(
            network,
            (1, size, size),
            noise=VarianceExploding(),
            target=PredictVelocity(1.0),
            sampler=DPMSolver(walk),
            weighting=Lognormal(-1.2, 1.4),
            symmetry=Turns(),
        ),
        judges={
            "pixel distribution": Judge(PixelHistogram(), reach=0.16),
            "power spectrum": Judge(PowerSpectrum(box=box, length="arcmin"), reach=0.32),
            "peak counts": Judge(PeakCounts(), reach=0.32),
            "Minkowski functionals": Judge(MinkowskiFunctionals(), reach=0.32),
            "bispectrum": Judge(Bispectrum(box=box, length="arcmin"), reach=0.32),
        },
        baselines={"same spectrum": same_spectrum, "copycat": copycat},
        # draws are dear beside training steps: one look, at the end
        budget=Budget(
            steps, batch=16, rate=4e-3, average=0.998, final=0.02, warmup=min(100, steps // 4), looks=1, glances=0
        ),
        split=Split(train=60, validation=15, truth=25),
        expect={
            "pixel distribution": "differs",
            "power spectrum": "differs",
            "peak counts": "unsure",
            "Minkowski functionals": "consistent",
            "bispectrum": "consistent",
        }
        if planes is None
        else {},
        references=(
            "Denoising diffusion probabilistic models (Ho, Jain & Abbeel, 2020), arXiv:2006.11239",
            "Elucidating the design space of diffusion-based generative models (Karras et al., 2022), arXiv:2206.00364",
            "CosmoGAN: creating high-fidelity weak lensing convergence maps using generative adversarial networks "
            "(Mustafa et al., 2019), arXiv:1706.02390",
            "Mocking the weak lensing universe: the LensTools Python computing package (Petri, 2016), arXiv:1606.01903",
        ),
    )
