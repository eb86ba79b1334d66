"""Number counts: how many stars and how many galaxies are brighter than a magnitude, and how many are stars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.photometry.catalog_rows import MAGNITUDE, stars
from simulacra.statistics.base import Axis

EDGES = (20.0, 21.0, 22.0)
MIDDLE = 21.0


@dataclass(frozen=True)
class SourceCounts:
    """Of each source marks: whether it is a star, a star or a galaxy brighter than r = 20, 21, 22, and its magnitude.

    Their means over a catalogue are its number counts a source, by type; a magnitude counts from 21 and stands under
    the source's type.
    """

    accepts: ClassVar[tuple[str, ...]] = ("catalog",)
    defect: ClassVar[str] = "every source {amount:.2g} mag fainter"
    amounts: ClassVar[tuple[float, ...]] = (0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 9"]:
        """Marks and magnitudes."""
        star, r = stars(x.array), x.array[:, MAGNITUDE]
        found = [star, star * (r - MIDDLE), ~star * (r - MIDDLE)]
        found += [kind & (r < edge) for kind in (star, ~star) for edge in EDGES]
        return np.column_stack(found).astype(np.float64)

    def axis(self, x: Samples) -> Axis:
        """By what is counted."""
        counted = [f"{kind}, r < {edge:g}" for kind in ("star", "galaxy") for edge in EDGES]
        return Axis("mark, or magnitude", "what is counted", "1", ("star", "star, r − 21", "galaxy, r − 21", *counted))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """`amount` magnitudes added to r of all; colors stay."""
        out = x.array.copy()
        out[:, MAGNITUDE] += amount
        return x.but(x=out)
