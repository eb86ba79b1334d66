"""Smoothness, or clumpiness: how much of a galaxy's light lies in small clumps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.pictures.images import brightness, channel_backgrounds
from simulacra.domains.sky.morphology import clumpiness
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class Smoothness:
    r"""$S = \sum \max(I - I_S, 0) / \sum |I| - S_\text{sky}$ of each picture's brightness plane; smooth light has 0.

    $I_S$ is smoothed by a square of a quarter of the Petrosian radius; the sums reach from 0.25 to 1.5 such radii, or
    as far as the picture does. A tenth of the S of Conselice (2003), as in Lotz et al. (2004), but that clumps alone
    count, not the gaps between them.

    References:
        The Relationship between Stellar Light Distributions of Galaxies and Their Formation Histories (Conselice,
        2003), arXiv:astro-ph/0303065;
        A New Nonparametric Approach to Galaxy Morphological Classification (Lotz et al., 2004), arXiv:astro-ph/0311352
    """

    accepts: ClassVar[tuple[str, ...]] = ("picture",)
    defect: ClassVar[str] = "every other pixel brighter and its neighbors fainter by {amount:.0%}"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 1"]:
        """One number a picture."""
        return clumpiness(brightness(x.array))[:, None]

    def axis(self, x: Samples) -> Axis:
        """One number a picture, without unit."""
        return Axis("smoothness (clumpiness) S")

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Like a chessboard, pixels gain and lose the fraction `amount` of what they hold above the background."""
        height, width = x.array.shape[1:3]
        board = 1 - 2 * ((np.arange(height)[:, None] + np.arange(width)) % 2)[:, :, None]
        above = np.maximum(x.array - channel_backgrounds(x.array), 0.0)
        return x.but(x=(x.array + amount * above * board).astype(x.array.dtype))
