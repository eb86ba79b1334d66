"""Does a relativistic GAN with zero-centered penalties lose no mode of a law whose modes are known?"""

from __future__ import annotations

from typing import Literal

from simulacra.models.r3gan import R3GAN
from simulacra.running.study import Study
from simulacra.subjects.modes import REFERENCES, target
from simulacra.views.flat import Flat


def study(law: Literal["ring", "grid", "digits"] = "ring", penalty: float = 0.05, steps: int = 8000) -> Study:
    """A critic that holds each made sample against a real one, with penalties on its slope, on a law of known modes.

    Args:
        law: what is learned: a ring of 8 clusters, a grid of 25, or three stacked digits (1,000 numbers).
        penalty: weight of the penalties on the critic's slope; digits want 1.
        steps: training steps; the grid wants about 16,000, digits about 3,000.
    """
    asked = target(law)
    return Study(
        source=asked.source,
        view=Flat(),
        model=R3GAN(
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
            "The GAN is dead; long live the GAN! A modern GAN baseline (Huang et al., 2024), arXiv:2501.05441",
            *REFERENCES,
        ),
    )
