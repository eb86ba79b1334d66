"""Does a conditional Wasserstein GAN draw maps of cosmologies that it was never shown?"""

from __future__ import annotations

from functools import partial

import numpy as np

from simulacra.baselines.interpolated_condition import interpolated_condition
from simulacra.baselines.nearest_condition import nearest_condition
from simulacra.core.errors import BadInput
from simulacra.models.wgan_gp import WGANGP
from simulacra.networks.dcgan import DCGANCritic, DCGANGenerator
from simulacra.running.split import Split
from simulacra.running.study import Study
from simulacra.sources.sky.lognormal_cosmologies import LognormalCosmologies
from simulacra.subjects.lensing import judges
from simulacra.training.budget import Budget
from simulacra.views.compressed import Compressed

AMPLITUDES, SLOPES = (0.5, 1.0), (-2.5, -1.5)  # the ends of the trained range


def study(
    cosmologies: int = 5,
    size: int = 32,
    train: int = 5000,
    unseen: int = 150,
    latent: int = 64,
    width: int = 16,
    bend: float = 1.0,
    penalty: float = 10.0,
    rounds: int = 2,
    steps: int = 700,
) -> Study:
    """Lognormal fields given their amplitude and slope; trained on a grid of both, judged in the middle of its cells.

    Validation and truth hold cosmologies that no training map has. Nothing is chosen by them: the last state is kept.

    Args:
        cosmologies: trained amplitudes, and as many slopes; one fewer are judged.
        size: pixels along a side of a map: 16, 32, 64 …
        train: maps to train on, over all trained cosmologies.
        unseen: true maps of each cosmology that is judged.
        latent: length of the generator's latent vector.
        width: channels of the networks next to the map; doubled at each further layer.
        bend: how strongly rare high values are brought closer before the network sees them; 0 is a straight scaling.
        penalty: weight of the penalty on the critic's slope.
        rounds: moves of the critic for one of the generator; published: 5.
        steps: training steps.
    """
    trained, held = designed(cosmologies)
    source, other = (
        LognormalCosmologies(tuple(a for a, _ in some), tuple(b for _, b in some), size) for some in (trained, held)
    )
    # these fields are periodic, and so are the convolutions
    generator = DCGANGenerator(size, 1, width, latent, conditions=2, border="circular")
    critic = DCGANCritic(size, 1, width, conditions=2, border="circular", offset=False)
    asked = judges(source.box, "Mpc/h")
    return Study(
        source=source,
        unseen=other,
        view=Compressed(bend),
        model=WGANGP(generator, critic, latent, penalty=penalty, rounds=rounds),
        judges=asked,
        baselines={
            "nearest cosmology": partial(nearest_condition, at=held),
            "interpolated": partial(interpolated_condition, at=held),
        },
        # one look: a choice among many would be made by the cosmologies that are judged
        budget=Budget(steps, batch=64, rate=5e-4, betas=(0.0, 0.9), average=0.99, final=0.05, looks=1),
        split=Split(train=train, validation=unseen * len(held), truth=unseen * len(held)),
        apart=True,
        # the coarse map differs or not by the luck of the game
        expect={name: "differs" for name in asked if name != "coarse map"},
        references=(
            "Improved training of Wasserstein GANs (Gulrajani et al., 2017), arXiv:1704.00028",
            "Emulation of cosmological mass maps with conditional generative adversarial networks "
            "(Perraudin et al., 2021), doi:10.3389/frai.2021.673062",
            "CosmoGAN: creating high-fidelity weak lensing convergence maps using generative adversarial networks "
            "(Mustafa et al., 2019), arXiv:1706.02390",
        ),
    )


def designed(cosmologies: int) -> tuple[tuple[tuple[float, float], ...], tuple[tuple[float, float], ...]]:
    """The trained grid of amplitude and slope, and the middles of cells that are judged: one in each row and column."""
    if cosmologies < 2:
        raise BadInput("between cosmologies there must be some", f"cosmologies={cosmologies}", "take cosmologies=5")
    a, b = np.linspace(*AMPLITUDES, cosmologies), np.linspace(*SLOPES, cosmologies)
    trained = tuple((round(float(p), 5), round(float(q), 5)) for p in a for q in b)
    # fractions of multiples of the golden ratio, put in order, spread the cells evenly
    order = np.argsort((np.arange(1, cosmologies) * (5**0.5 - 1) / 2) % 1)
    middle = [((a[i] + a[i + 1]) / 2, (b[j] + b[j + 1]) / 2) for i, j in enumerate(order)]
    return trained, tuple((round(float(p), 5), round(float(q), 5)) for p, q in middle)
