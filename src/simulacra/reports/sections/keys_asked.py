"""Properties asked of structural keys, on a page: how far off, beside the regressor's own error and a look-up."""

from __future__ import annotations

import numpy as np

from simulacra.reports.figures import keys_asked
from simulacra.reports.sections.base import Page, Part

OF = "exhibit keys asked"
PLACE = 61
NOTE = (
    "Mean absolute difference between what is asked and what a regressor reads of the keys, with 95 % intervals by "
    "bootstrap over molecules; all properties are asked for at once. The regressor learned from validation molecules; "
    "its error on true keys is the least that can be told. Likeness: Tanimoto similarity of the keys to the nearest "
    "validation molecule's, ± standard errors."
)


def section(page: Page) -> Part | None:
    """What is shown; None for a run that asked for no properties of keys."""
    seen = page.run.exhibit("keys asked")
    if seen is None:
        return None
    names, units, ways = ([str(one) for one in seen[key]] for key in ("names", "units", "ways"))
    table, likeness = np.asarray(seen["table"], dtype=float), np.asarray(seen["likeness"], dtype=float)
    head = [
        "",
        *(f"{name}{'' if unit == '1' else f', {unit}'}" for name, unit in zip(names, units, strict=True)),
        "likeness",
    ]
    rows = []
    for place, (way, row) in enumerate(zip(ways, table, strict=True)):
        cells = [f"{row[0, k]:.3g} ({row[1, k]:.3g}–{row[2, k]:.3g})" for k in range(len(names))]
        like = likeness[place] if place < len(likeness) else None
        cells.append("–" if like is None else f"{like.mean():.3f} ± {like.std(ddof=1) / len(like) ** 0.5:.3f}")
        rows.append((way, cells))
    wrong = np.asarray(seen["wrong"], dtype=float)
    lost = (
        f" Of {int(seen['keys'])} true keys {wrong.mean():.2f} ± {wrong.std(ddof=1) / len(wrong) ** 0.5:.2f} come "
        "back wrong."
        if len(wrong)
        else ""
    )
    off = "; ".join(
        f"{name} by {table[0, 0, k]:.3g} (true keys {table[1, 0, k]:.3g}, shuffled {table[-1, 0, k]:.3g})"
        for k, name in enumerate(names)
    )
    figures = [
        page.drawer.curve(
            keys_asked.scatter(
                name, unit, *(np.asarray(seen[key], dtype=float)[:, k] for key in ("values", "truth", "obtained"))
            )
        )
        for k, (name, unit) in enumerate(zip(names, units, strict=True))
    ]
    part = {
        "id": "keys-asked",
        "title": "Properties asked for, and properties obtained",
        "sentence": f"Off in {off}.{lost}",
        "head": head,
        "rows": rows,
        "note": NOTE,
        "figures": figures,
    }
    return Part("further.html", {"part": part})
