"""Does a Wasserstein GAN with a gradient penalty lose no mode of a law whose modes are known?"""

from __future__ import annotations

from typing import Literal

from simulacra.models.wgan_gp import WGANGP
from simulacra.running.study import Study
from simulacra.subjects.modes import REFERENCES, target
from simulacra.views.flat import Flat


def study(law: Literal["ring", "grid", "digits"] = "ring", penalty: float = 1.0, steps: int = 3000) -> Study:
    """A Wasserstein GAN whose critic's slope is kept near one, on a law of known modes.

    Args:
        law: what is learned: a ring of 8 clusters, a grid of 25, or three stacked digits (1,000 numbers).
        penalty: weight of the penalty on the critic's slope; the paper's 10 is for pictures, such as digits.
        steps: training steps; digits want about 1,000.
    """
    asked = target(law)
    return Study(
        source=asked.source,
        view=Flat(),
        model=WGANGP(
            asked.generator(),
            asked.critic(offset=False),
            asked.latent,
            asked.output,
            penalty,
            conditional=False,
        ),
        judges=asked.judges,
        baselines=asked.baselines(),
        budget=asked.budget(steps),
        split=asked.split(),
        references=(
            "Improved training of Wasserstein GANs (Gulrajani et al., 2017), arXiv:1704.00028",
            *REFERENCES,
        ),
    )
