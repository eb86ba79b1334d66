"""Stars and galaxies of SDSS's Stripe 82, from the stacked exposures: the truth that Celeste was held against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simulacra.core import data
from simulacra.core.samples import Samples
from simulacra.sources.sky.catalog_table import CatalogTable

NAME = "celeste/s82_matched_truth.csv"
SHA256 = "3c1a15200a40e8061ab0debd887f34b8a29981a5d8696bea9d19ebd093b2be87"


@dataclass(frozen=True)
class Stripe82Coadd:
    """385 sources, of which those with all four colors are read; radii as of a circle of equal area, arc seconds.

    The sources without a color are mostly faint ones that were not seen in u.

    References:
        Approximate inference for constructing astronomical catalogs from images (Regier et al., 2019), arXiv:1803.00113
        The Sloan Digital Sky Survey Coadd: 275 deg² of deep SDSS imaging on Stripe 82 (Annis et al., 2014),
        arXiv:1111.6619
    """

    kind: ClassVar[str] = "catalog"

    def read(self) -> Samples:
        """All of them."""
        path = data.find(NAME, SHA256, fix="take it from the data of Celeste's article, or give a table of your own")
        found = CatalogTable(path).read()
        return found.but(origin=f"Stripe 82 (Annis et al. 2014; Regier et al. 2019): {found.origin}")
