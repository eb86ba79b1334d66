"""How many known modes a set of samples reaches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from scipy.spatial import cKDTree

from simulacra.core.errors import BadInput

WITHIN = 3.0  # spreads


@dataclass(frozen=True, eq=False)
class Reached:
    """Known modes and the samples near them.

    Args:
        counts: samples within three spreads of each mode.
        n: samples in all.
    """

    counts: Int[np.ndarray, " modes"]
    n: int

    @property
    def modes(self) -> int:
        """Modes with a sample."""
        return int((self.counts > 0).sum())

    @property
    def quality(self) -> float:
        """Share of the samples that lie near any mode, called high-quality samples in the paper."""
        return float(self.counts.sum() / self.n)


def modes_reached(points: Float[np.ndarray, "n k"], centers: Float[np.ndarray, "modes k"], spread: float) -> Reached:
    r"""The modes that have a sample within three of their standard deviations, and how many.

    A sample belongs to its nearest center alone. Of true samples in the plane $1 - e^{-9/2}$ = 98.9 % lie so near.

    Args:
        points: samples.
        centers: of the modes, in the samples' unit.
        spread: standard deviation of a mode in each direction, in the same unit.

    References:
        PacGAN: The power of two samples in generative adversarial networks (Lin et al., 2018), arXiv:1712.04086
    """
    if not len(points) or not len(centers):
        raise BadInput(
            "modes are counted among samples",
            f"{len(points)} samples, {len(centers)} modes",
            "give one or more of each",
        )
    if not (spread > 0 and np.isfinite(spread)):
        raise BadInput("a mode has a spread", f"spread={spread}", "give its standard deviation, more than 0")
    known = np.isfinite(points).all(axis=1)  # what is no number is near no mode
    away, nearest = cKDTree(centers).query(points[known])
    counts = np.bincount(nearest[away <= WITHIN * spread], minlength=len(centers))
    return Reached(counts, len(points))
