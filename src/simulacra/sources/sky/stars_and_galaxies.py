"""Stars and galaxies as a catalogue lists them: magnitude, colors, size and shape, drawn from a fitted prior."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Column, Samples
from simulacra.domains.photometry.brightness import SDSS, reported
from simulacra.domains.photometry.source_prior import stripe82

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
        prior = stripe82()
        share = prior.galaxy.share if self.galaxies < 0 else self.galaxies
        is_star = rng.random(n) >= share
        rows = np.full((n, 1 + len(SEEN) + len(SHAPED)), np.nan)
        rows[:, 0] = is_star
        for kind, here in (("star", is_star), ("galaxy", ~is_star)):
            places = np.flatnonzero(here)
            while len(places):
                drawn = prior.of(kind).draw(len(places), rng)
                said = reported(np.concatenate([np.zeros((len(places), 2)), drawn], axis=1), SDSS, 1.0)
                for k, name in enumerate(SEEN + (SHAPED if kind == "galaxy" else ())):
                    rows[places, 1 + k] = said[name]
                places = places[said["mag_r"] > self.faintest]
        columns = [Column("type", levels=("galaxy", "star"), middle=0.0)]
        for k, name in enumerate(SEEN + SHAPED):
            unit = UNITS.get(name, "mag")
            columns.append(Column(name, unit, middle=float(np.nanmedian(rows[:, 1 + k])), gaps=name in SHAPED))
        return Samples.of(rows, "table", "1", repr(self), columns=tuple(columns))
