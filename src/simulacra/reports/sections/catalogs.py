"""Catalogues of stars and galaxies, on a page: colors against colors, sizes against magnitudes, shares of stars."""

from __future__ import annotations

from simulacra.core.samples import Samples
from simulacra.pictures.catalog import panels
from simulacra.reports.sections.base import Page, Part

OF = "samples.npz, and catalogs in run.json"
PLACE = 54


def section(page: Page) -> Part | None:
    """The panels; None where the samples are no catalogues."""
    if page.kind != "catalog":
        return None
    shown: dict[str, Samples] = {name: page.samples[name] for name in ("truth", "model") if name in page.samples}
    counted = [(name, one) for name, one in page.mapping("catalogs").items() if one.get("n") and "radius" in one]
    rows = [
        (name, f"{k['n']:,}", f"{k['stars'] / k['n']:.1%}", f"{k['mag_r']:.2f}", f"{k['radius']:.2f}″")
        for name, k in counted
    ]
    return Part("catalogs.html", {"panels": [page.drawer.curve(panel) for panel in panels(shown)], "counted": rows})
