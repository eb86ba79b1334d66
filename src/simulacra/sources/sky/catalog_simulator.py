"""A catalogue of stars and galaxies without end: drawn from the prior that was fitted to a real one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.photometry.catalog_rows import samples
from simulacra.domains.photometry.source_prior import drawn_sources, stripe82


@dataclass(frozen=True)
class CatalogSimulator:
    """Sources by the mixtures of Gaussians that were fitted to SDSS's Stripe 82, of kind `catalog`.

    Args:
        faintest: r magnitude beyond which no source is listed.
        galaxies: share of galaxies before that cut; a negative share is the prior's own.
    """

    kind: ClassVar[str] = "catalog"
    faintest: float = 23.0
    galaxies: float = -1.0

    def __post_init__(self) -> None:
        if self.galaxies > 1 or self.faintest < 18:
            raise BadInput(
                "a share of galaxies is at most 1, and the faintest magnitude at least 18",
                f"galaxies={self.galaxies}, faintest={self.faintest}",
                "for example galaxies=0.7, faintest=23",
            )

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """n sources, (n, 10); of one seed always the same."""
        return samples(drawn_sources(stripe82(), n, rng, self.faintest, self.galaxies), repr(self))
