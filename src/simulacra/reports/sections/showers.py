"""Showers on a page: mean observables of the model beside truth's, and whether classifiers distinguish the two."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from simulacra.core.samples import Array
from simulacra.reports.figures import shower_curves
from simulacra.reports.markup import Drawer
from simulacra.reports.sections.base import Page, Part

OF = "exhibits shower-means and shower-classifiers"
PLACE = 44
AIM = 0.05
NOTE_MEANS = (
    "Model and truth are of the same particles. In brackets the 95 % interval, by resampling particles. A layer counts "
    "if it holds a hundredth of the energy or more."
)
NOTE_TOLD = (
    "Area under the ROC curve: 0.5 is guessing, 1 is always. By features: gradient boosting on response, layer "
    "energies, centers, widths, brightest and lit cells, rings and the cells' spectrum. By cells: a network whose "
    "first layer sees six curves of each cell's energy in patches of 5³ cells. Both are fixed, learn from 60 % of the "
    "showers, stop where another 20 % say, and are scored on the rest; in brackets the 95 % interval of that. Truth "
    "against truth is the floor; a classifier that cannot see the planted defects would prove nothing by not rejecting "
    "the model. Distances are of standardized features."
)


def section(page: Page) -> list[Part]:
    """Mean observables, and classifiers; none for runs of other things."""
    found = []
    for name, write in (("shower-means", _means), ("shower-classifiers", _classifier_part)):
        seen = page.run.exhibit(name)
        part = None if seen is None else page.take(f"exhibit {name}", partial(write, seen, page.drawer), None)
        found += [] if part is None else [Part("further.html", {"part": part})]
    return found


def _means(seen: dict[str, Array], drawer: Drawer) -> dict[str, Any]:
    names, table = [str(name) for name in seen["names"]], np.asarray(seen["table"], dtype=float)
    off = np.asarray(seen["layers.off"], dtype=float)[np.asarray(seen["layers.counted"], dtype=bool)]
    worst = float(off[np.argmax(np.abs(off))])
    rows = [
        (name, [f"{true:.4g}", f"{made:.4g}", f"{_percent(ratio)} ({_percent(low)} to {_percent(high)})"])
        for name, (true, made, ratio, low, high) in zip(names, table, strict=True)
    ]
    rows.append(("energy in a layer, the farthest", ["", "", f"{_percent(worst)} of {len(off)} layers"]))
    beyond = [name for name, row in zip(names, table, strict=True) if abs(row[2]) > AIM]
    beyond += ["a layer's energy"] if abs(worst) > AIM else []
    stated = (
        f"Of {len(names)} mean observables and {len(off)} layers, all lie within 5 % of the truth's."
        if not beyond
        else f"Farther than 5 % from the truth's mean: {', '.join(beyond)}."
    )
    curves = {name: np.asarray(seen[f"curves.{name}"]) for name in ("truth", "model")}
    along, around = (
        {name: np.asarray(seen[f"{way}.{name}"]) for name in ("truth", "model")} for way in ("along", "around")
    )
    figures = [
        drawer.curve(shower_curves.profile(along, "layer", 1.0)),
        drawer.curve(shower_curves.profile(around, "distance from the particle's line, cells", 0.0)),
        drawer.curve(shower_curves.linearity(curves)),
    ]
    return {
        "id": "shower-means",
        "title": "Mean observables",
        "sentence": stated,
        "head": ["observable", "truth", "model", "model over truth"],
        "rows": rows,
        "note": NOTE_MEANS,
        "figures": figures,
    }


def _classifier_part(seen: dict[str, Array], drawer: Drawer) -> dict[str, Any]:
    names, table = [str(name) for name in seen["sets"]], np.asarray(seen["table"], dtype=float)
    rows = [
        (
            "truth against truth" if name == "truth" else name,
            [f"{a:.3f} ({b:.3f} to {c:.3f})", f"{d:.3f} ({e:.3f} to {f:.3f})", f"{far:.3g}", f"{near:.2g}"],
        )
        for name, (a, b, c, d, e, f, far, near) in zip(names, table, strict=True)
    ]
    high, low = table[0, 0], table[0, 3]
    text = (
        f"From {int(seen['n']):,} fresh showers a side, classifiers distinguish the model from truth with an area of "
        f"{high:.3f} by features and {low:.3f} by cells."
    )
    return {
        "id": "shower-classifiers",
        "title": "Distinguished by classifiers",
        "sentence": text,
        "head": ["set against truth", "area by features", "area by cells", "Fréchet distance", "kernel distance"],
        "rows": rows,
        "note": NOTE_TOLD,
        "figures": [],
    }


def _percent(share: float) -> str:
    return f"{100 * share:+.1f} %".replace("-", "−")
