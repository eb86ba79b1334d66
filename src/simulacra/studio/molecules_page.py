"""Molecules that can be turned by hand, as one page that loads nothing."""

from __future__ import annotations

from markupsafe import Markup

from simulacra.core.samples import Samples
from simulacra.pictures.base import common
from simulacra.pictures.mosaic import grid
from simulacra.reports.markup import picture
from simulacra.reports.page import HERE, environment
from simulacra.reports.space import Space, legend, seats

COLUMNS = 4


def molecules_page(x: Samples, most: int = 16) -> str:
    """The first molecules of a set over their still picture, each in its seat."""
    some = x[: min(most, len(x))]
    scale = common([some])
    space = Space(reach=scale.high)
    numbers = space.add(some.array)
    still = grid(some, scale, len(some), COLUMNS)
    columns = min(COLUMNS, len(some))
    placed = seats(picture(still, f"{len(some)} molecules"), numbers, columns, still.shape[:2], [""] * len(some))
    text = environment().from_string(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        'content="width=device-width, initial-scale=1"><title>Molecules</title><style>{{ style }}</style></head>'
        '<body><main>{{ placed }}<p class="note">Drag to turn.</p>{{ legend }}</main>'
        "{{ space.scripts() }}</body></html>"
    )
    style = Markup((HERE / "style.css").read_text(encoding="utf-8"))
    return text.render(style=style, placed=placed, legend=legend(space), space=space)
