"""Does a diffusion model find all eight clusters of a ring, each with its weight and its width?"""

from __future__ import annotations

from functools import partial

from simulacra.baselines.copycat import copycat
from simulacra.baselines.pca import pca
from simulacra.diffusion.clock import FEATURES
from simulacra.diffusion.noise import VarianceExploding
from simulacra.diffusion.targets import PredictVelocity
from simulacra.diffusion.weighting import Lognormal
from simulacra.judging.base import Judge
from simulacra.models.diffusion import Diffusion
from simulacra.networks.conditioned_mlp import ConditionedMLP
from simulacra.running.split import Split
from simulacra.running.study import Study
from simulacra.samplers.heun import Heun
from simulacra.sources.laws.ring import Ring
from simulacra.statistics.tables.values import Values
from simulacra.training.budget import Budget
from simulacra.views.flat import Flat

SPREAD = 0.7  # standard deviation of a coordinate on a circle of radius 1


def study(clusters: int = 8, spread: float = 0.05, width: int = 64, walk: int = 40, steps: int = 5000) -> Study:
    """Points of the plane about eight places on a circle, and a small diffusion model: the tutorial, in a minute.

    Args:
        clusters: how many.
        spread: standard deviation of a cluster; the circle's radius is 1.
        width: features of the network's layers.
        walk: steps from noise to data, by Heun's method; 18 would widen the clusters by 3 %.
        steps: training steps.
    """
    network = ConditionedMLP(2, width, FEATURES)
    return Study(
        source=Ring(clusters, spread),
        view=Flat(),
        model=Diffusion(
            network,
            (2,),
            noise=VarianceExploding(),
            target=PredictVelocity(SPREAD),
            sampler=Heun(walk),
            weighting=Lognormal(-1.8, 1.4),
        ),
        judges={"places": Judge(Values(), reach=0.16)},
        baselines={"PCA": partial(pca, components=2), "copycat": copycat},
        # one look, at the end: the energy distance that chooses among looks is nearly blind to the width of a cluster
        budget=Budget(steps, batch=512, rate=2e-3, average=0.999, final=0.02, looks=1),
        split=Split(train=20_000, validation=1000, truth=1000),
        references=(
            "Denoising diffusion probabilistic models (Ho, Jain & Abbeel, 2020), arXiv:2006.11239",
            "Elucidating the design space of diffusion-based generative models (Karras et al., 2022), arXiv:2206.00364",
            "PacGAN: the power of two samples in generative adversarial networks (Lin et al., 2018), arXiv:1712.04086",
        ),
    )
