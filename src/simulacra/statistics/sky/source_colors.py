"""Colors of stars and of galaxies: u − g, g − r, r − i, i − z, and how they go with magnitude."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.photometry.catalog_rows import COLORS, COLUMNS, MAGNITUDE, NAMES, stars
from simulacra.statistics.base import Axis

BLUE, RED = COLORS.start, COLORS.start + 1
"""Places of u − g and of g − r."""
MIDDLE = np.array([COLUMNS[k].middle for k in range(COLORS.start, COLORS.stop)])


@dataclass(frozen=True)
class SourceColors:
    """The four colors of each source, less a usual one, under its type, and g − r times the magnitude."""

    accepts: ClassVar[tuple[str, ...]] = ("catalog",)
    defect: ClassVar[str] = "every source {amount:.2g} mag redder in u − g and g − r"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 10"]:
        """Five numbers for stars, then five for galaxies; zeros for the other type."""
        star = stars(x.array)
        colors = x.array[:, COLORS].astype(np.float64) - MIDDLE
        trend = colors[:, 1] * (x.array[:, MAGNITUDE] - 21.0)
        both = np.column_stack([colors, trend])
        return np.concatenate([star[:, None] * both, ~star[:, None] * both], axis=1)

    def axis(self, x: Samples) -> Axis:
        """By color and type."""
        said = [f"{name[6]} − {name[7]}" for name in NAMES[COLORS]] + ["(g − r)(r − 21)"]
        at = tuple(f"{kind}, {one}" for kind in ("star", "galaxy") for one in said)
        return Axis("color less a usual one, mag", "color", "1", at)

    def perturb(self, x: Samples, amount: float) -> Samples:
        """`amount` magnitudes added to two colors of all."""
        out = x.array.copy()
        out[:, BLUE] += amount
        out[:, RED] += amount
        return x.but(x=out)
