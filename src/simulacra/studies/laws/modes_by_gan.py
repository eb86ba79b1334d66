"""Does a plain GAN lose modes of a law whose modes are known?"""

from __future__ import annotations

from typing import Literal

from simulacra.models.gan import GAN
from simulacra.running.study import Study
from simulacra.subjects.modes import REFERENCES, target
from simulacra.views.flat import Flat


def study(law: Literal["ring", "grid", "digits"] = "ring", steps: int = 8000) -> Study:
    """A plain minimax GAN on a law of known modes: how many it reaches, and how many of its draws lie near one.

    Args:
        law: what is learned: a ring of 8 clusters, a grid of 25, or three stacked digits (1,000 numbers).
        steps: training steps; digits want about 3,000.
    """
    asked = target(law)
    return Study(
        source=asked.source,
        view=Flat(),
        model=GAN(
            asked.generator(),
            asked.critic(),
            asked.latent,
            asked.output,
            conditional=False,
        ),
        judges=asked.judges,
        baselines=asked.baselines(),
        budget=asked.budget(steps),
        split=asked.split(),
        references=(
            "Generative adversarial networks (Goodfellow et al., 2014), arXiv:1406.2661",
            *REFERENCES,
        ),
    )
