"""Does a critic that sees several samples at once keep a GAN from losing modes?"""

from __future__ import annotations

from typing import Literal

from simulacra.models.pacgan import PacGAN
from simulacra.running.study import Study
from simulacra.subjects.modes import REFERENCES, target
from simulacra.views.flat import Flat


def study(law: Literal["ring", "grid", "digits"] = "ring", pack: int = 4, steps: int = 8000) -> Study:
    """The plain GAN with packs before its critic, on a law of known modes, to see whether packing cures a collapse.

    Args:
        law: what is learned: a ring of 8 clusters, a grid of 25, or three stacked digits (1,000 numbers).
        pack: samples that the critic sees at once.
        steps: training steps; digits want about 3,000.
    """
    asked = target(law)
    return Study(
        source=asked.source,
        view=Flat(),
        model=PacGAN(
            asked.generator(),
            asked.critic(pack),
            asked.latent,
            asked.output,
            pack,
            conditional=False,
        ),
        judges=asked.judges,
        baselines=asked.baselines(),
        budget=asked.budget(steps),
        split=asked.split(),
        references=(
            "PacGAN: the power of two samples in generative adversarial networks (Lin et al., 2018), arXiv:1712.04086",
            *REFERENCES[1:],
        ),
    )
