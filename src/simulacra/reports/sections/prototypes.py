"""Molecules near prototypes on a page: how many are new, and how like, by the scale of the noise."""

from __future__ import annotations

import numpy as np

from simulacra.core.samples import Array
from simulacra.reports.figures import prototypes
from simulacra.reports.sections.base import Page, Part

OF = "exhibit prototypes"
PLACE = 58
HEAD = ("", "molecules", "different", "new", "similarity of the new ones", "first of each prototype")
NOTE = (
    "Held-out molecules as prototypes; of the strings drawn near each, means over prototypes with their standard "
    "errors. Different: canonical forms. New: neither the prototype nor a training molecule. Similarity: Tanimoto, of "
    "circular fingerprints, to the prototype. Random changes put on, take off or exchange one to three atoms; "
    "substituents are exchanged once or twice, as often as they sit on such atoms in training."
)


def section(page: Page) -> Part | None:
    """What is shown; None for a run without prototypes."""
    seen = page.run.exhibit("prototypes")
    if seen is None:
        return None
    counts, draws = np.asarray(seen["counts"], dtype=float), int(seen["draws"])
    scales, ways = np.asarray(seen["scales"], dtype=float), [str(way) for way in seen["ways"]]
    shown = np.asarray(seen["shown"])
    rows = [
        (way, [*(_of(one[:, k], draws, k) for k in range(4)), str(shown[0, place, 0]) if shown.size else ""])
        for place, (way, one) in enumerate(zip(ways, counts, strict=True))
    ]
    means = np.nanmean(counts[: len(scales)], axis=1) / np.array([draws, draws, draws, 1.0])
    unit = int(np.argmin(np.abs(scales - 1)))
    part = {
        "id": "prototypes",
        "title": "Molecules near prototypes",
        "sentence": f"{counts.shape[1]} held-out molecules, {draws} strings near each. With the noise of the training "
        f"{means[unit, 0]:.0%} are molecules, {means[unit, 2]:.0%} different new ones, whose similarity to the "
        f"prototype is {means[unit, 3]:.2f} in the mean.",
        "head": HEAD,
        "rows": rows,
        "note": f"{NOTE} Last column: the first string near {seen['prototypes'][0]}.",
        "figures": [page.drawer.curve(prototypes.by_scale(scales, means))],
    }
    return Part("further.html", {"part": part})


def _of(values: Array, draws: int, column: int) -> str:
    known = values[~np.isnan(values)]
    if not len(known):
        return "–"
    error = known.std(ddof=1) / len(known) ** 0.5 if len(known) > 1 else 0.0
    return f"{known.mean():.2f} ± {error:.2f}" if column == 3 else f"{known.mean():.1f} ± {error:.1f} of {draws}"
