"""What can a network add to a lognormal field, at redshifts of the sources that it knows?"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from simulacra.baselines.copycat import copycat
from simulacra.baselines.nearest_condition import nearest_condition
from simulacra.diffusion.turns import Turns
from simulacra.models.field_flow import SEEN, FieldFlow
from simulacra.networks.folded import Folded
from simulacra.networks.unet import UNet
from simulacra.running.split import Split
from simulacra.running.study import Study
from simulacra.sources.sky.lensing_planes import SIDE
from simulacra.sources.sky.lensing_redshifts import DEEPEST, REDSHIFTS, LensingRedshifts, empty_beam
from simulacra.subjects.lensing import DEGREES, judges
from simulacra.training.budget import Budget
from simulacra.views.as_given import AsGiven

JUDGED = ("pixel distribution", "power spectrum", "peak counts", "Minkowski functionals", "bispectrum")
FLOORS = tuple(np.geomspace(0.3, DEEPEST, 24).round(4).tolist())  # redshifts at which the empty beam is noted


def study(
    planes: Path | None = None,
    size: int = 32,
    maps: int = 24,
    width: int = 24,
    walk: int = 16,
    steps: int = 1000,
) -> Study:
    """Convergence maps at seven redshifts, and a flow that begins at a bent Gaussian field of their power and pixels.

    Were the maps lognormal, there would be nothing to learn. No draw is below the empty beam, where no mass is on the
    way at all. Training and truth share no region of any plane.

    Args:
        planes: npz of the planes; None takes the set from the data folder.
        size: pixels along a side of a map, a multiple of 4, at most 64; a pixel is 0.41 arcmin.
        maps: maps of each region of the sky; a region serves one redshift.
        width: channels of the network on its finest grid.
        walk: steps from the Gaussian field to a map, each one call of the network.
        steps: training steps of 16 maps.
    """
    regions = 16 if size <= SIDE // 16 else 8
    asked = judges(float(np.deg2rad(DEGREES * size / SIDE)), "rad")
    return Study(
        source=LensingRedshifts(planes, size, regions, maps),
        view=AsGiven(),
        model=flow(size, width, walk),
        judges={name: asked[name] for name in JUDGED},
        baselines={
            "lognormal": partial(nearest_condition, at=tuple((z,) for z in REDSHIFTS), sides=2),
            "copycat": copycat,
        },
        budget=Budget(steps, batch=16, rate=2e-3, average=0.995, final=0.02, warmup=50, looks=1, glances=0),
        split=Split(train=40, validation=12, truth=48),
        expect={name: "unsure" if name == "peak counts" else "consistent" for name in JUDGED} if planes is None else {},
        references=(
            "Stochastic interpolants, and their trigonometric one: Building normalizing flows with stochastic "
            "interpolants (Albergo & Vanden-Eijnden, 2023), arXiv:2209.15571",
            "Flow matching for generative modeling (Lipman et al., 2023), arXiv:2210.02747",
            "Improving lognormal models for cosmological fields (Xavier, Abdalla & Joachimi, 2016), arXiv:1602.08503",
            "Mocking the weak lensing universe: the LensTools Python computing package (Petri, 2016), arXiv:1606.01903",
        ),
    )


def flow(size: int, width: int, walk: int) -> FieldFlow:
    """The flow, untrained."""
    network = Folded(UNet(2, 8, width, SEEN, growth=(1, 2), attention=0), 2)
    return FieldFlow(network, size, REDSHIFTS, empty_beam(FLOORS), steps=walk, symmetry=Turns())
