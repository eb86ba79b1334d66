"""Stars and galaxies as a catalogue lists them: magnitude, colors, size and shape, drawn from a fitted prior."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Column, Samples
from simulacra.domains.photometry.catalog_rows import NAMES
from simulacra.domains.photometry.source_prior import drawn_sources, stripe82

SEEN = ("mag_r", "color_ug", "color_gr", "color_ri", "color_iz")
SHAPED = ("dev_share", "radius", "axis_ratio")
UNITS = {"radius": "arcsec", "dev_share": "1", "axis_ratio": "1"}


@dataclass(frozen=True)
class StarsAndGalaxies:
    """Rows of a catalogue, of kind "table", by the mixture fitted to SDSS's Stripe 82; a star's shape is a gap.

    Args:
        faintest: r magnitude beyond which no source is listed.
        galaxies: share of galaxies; a negative share is the prior's own.
    """

    kind: ClassVar[str] = "table"
    faintest: float = 23.0
    galaxies: float = -1.0

    def __post_init__(self) -> None:
        if self.galaxies > 1 or self.faintest < 16:
            raise BadInput(
                "a share of galaxies is at most 1, and sources are fainter than 16",
                f"galaxies={self.galaxies}, faintest={self.faintest}",
                "for example galaxies=0.7, faintest=23",
            )

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """n sources, (n, 9): type, magnitude, colors, shape."""
        whole = drawn_sources(stripe82(), n, rng, self.faintest, self.galaxies)
        rows = whole[:, [NAMES.index(name) for name in ("type", *SEEN, *SHAPED)]]
        columns = [Column("type", levels=("galaxy", "star"), middle=0.0)]
        for k, name in enumerate(SEEN + SHAPED):
            unit = UNITS.get(name, "mag")
            columns.append(Column(name, unit, middle=float(np.nanmedian(rows[:, 1 + k])), gaps=name in SHAPED))
        return Samples.of(rows, "table", "1", repr(self), columns=tuple(columns))
