"""The samples, on a page: truth beside model beside baselines, by condition where they have one."""

from __future__ import annotations

from simulacra.reports import sentence
from simulacra.reports.figures import plane
from simulacra.reports.sections import gallery
from simulacra.reports.sections.base import Page, Part

OF = "samples.npz"
PLACE = 60


def section(page: Page) -> Part | None:
    """Grids, strips under each condition, or dots in a plane; or, in a line, that this kind is not pictured."""
    sets, scale = page.sets, page.scale
    if not sets:
        if not page.samples or page.samples_shown:
            return None
        return Part("unseen.html", {"kind": page.kind, "sets": list(page.samples)})
    scatter = plane.panel(sets)  # of two numbers, a dot says more than a tile
    conditional = gallery.by_condition(sets)
    left_out = (*conditional.sets, *sentence.CEILING) if conditional else ()
    others = {name: s for name, s in sets.items() if name not in left_out}
    plain = scale is not None and not scatter and not page.samples_shown
    grids = gallery.plain_grids(others, scale, page.about, 8 if conditional else 16) if plain and scale else []
    if not (grids or conditional or scatter):
        return None
    return Part(
        "samples.html",
        {
            "title": "Under each condition" if page.samples_shown else "Samples",
            "id": "" if page.samples_shown else "samples",
            "scale": scale,
            "bar": page.bar,
            "grids": grids,
            "scatter": page.drawer.curve(scatter) if scatter else None,
            "conditional": conditional,
            "sheet": gallery.sheet_of_many(sets, scale),
        },
        shows_samples=True,
    )
