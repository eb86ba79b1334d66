"""Shapes of galaxies: how flat they are, which way they lie, and how their light falls off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.photometry.catalog_rows import ANGLE, RATIO, SHARE, stars
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class SourceShapes:
    """Of each galaxy −log of the axis ratio, its two components along the sky, and the share that falls off as R^¼.

    Each is less what is usual; a star's are 0.
    """

    accepts: ClassVar[tuple[str, ...]] = ("catalog",)
    defect: ClassVar[str] = "every galaxy flatter, its axis ratio to the power {amount:.2g} + 1"
    amounts: ClassVar[tuple[float, ...]] = (0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 5"]:
        """Flattening, its components, the share, and whether there is nearly none of it."""
        star = stars(x.array)
        ratio, angle, share = (np.where(star, 1.0, x.array[:, k]) for k in (RATIO, ANGLE, SHARE))
        flat, turn = -np.log(ratio), np.radians(2 * angle)
        numbers = np.column_stack([flat - 0.5, flat * np.cos(turn), flat * np.sin(turn), share - 0.4, share < 0.1])
        return np.where(star[:, None], 0.0, numbers)

    def axis(self, x: Samples) -> Axis:
        """By number."""
        at = ("−log q − 0.5", "−log q · cos 2θ", "−log q · sin 2θ", "R^¼ share − 0.4", "R^¼ share < 0.1")
        return Axis("number of a shape", "which", "1", at)

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Axis ratios of all galaxies to the power 1 + `amount`."""
        out = x.array.copy()
        out[:, RATIO] = out[:, RATIO] ** (1 + amount)
        return x.but(x=out)
