"""What the page of a catalogue shows: the field, what is left of it, and how faint a star would have been found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from simulacra.cataloging.catalog import Plan
from simulacra.cataloging.detect import detected
from simulacra.cataloging.field import MARGIN, Field
from simulacra.core.chance import stream
from simulacra.core.samples import Array
from simulacra.domains.photometry.brightness import PER_MAGNITUDE, reference

PLANTED, WIDTH = 300, 0.5
"""Stars that are planted, and the width of a bin of their magnitudes."""


def shown(field: Field, columns: dict[str, Array], plan: Plan) -> dict[str, Any]:
    """Pictures (rows, columns) of the reference band, places of sources, and completeness by magnitude."""
    main = field.bands.index(reference(field.bands))
    e, m = field.exposures[main], field.model[main]
    inner = np.s_[MARGIN:-MARGIN, MARGIN:-MARGIN]
    residual = np.where(e.good, (e.counts - m) / np.sqrt(m), np.nan)[inner]
    return {
        "picture": ((e.counts - e.sky) / np.sqrt(e.sky))[inner],
        "left_over": residual,
        "places": np.stack([columns["x"], columns["y"], columns["p_star"]], axis=1),
        "completeness": completeness(field, columns, plan),
    }


def completeness(field: Field, columns: dict[str, Array], plan: Plan) -> list[dict[str, float]]:
    """The share of planted stars that detection finds again, by magnitude in the reference band.

    Stars of the catalogue's median colors are planted at random places, away from each other, into what the frames
    hold; found means within 2 pixels of a detection that the frames without them do not have.
    """
    band = reference(field.bands)
    if not len(columns["x"]):
        return []
    rng = stream(plan.seed, "sources planted")
    rows, width = field.shape
    n = max(10, min(PLANTED, rows * width // 900))
    low, high = np.nanpercentile(columns[f"mag_{band}"], [5, 95])
    mag = rng.uniform(low, high + 1.5, n)
    colors = np.zeros(len(field.bands))
    for k in range(1, len(field.bands)):
        step = columns[f"color_{field.bands[k - 1]}{field.bands[k]}"]
        colors[k] = colors[k - 1] + float(np.nanmedian(step)) / PER_MAGNITUDE
    colors -= colors[field.bands.index(band)]
    places = rng.uniform([5, 5], [width - 6, rows - 6], (n, 2))
    kept = [m.copy() for m in field.model]
    before = detected(field, [e.sky for e in field.exposures], plan.threshold)
    for place, one in zip(places, mag, strict=True):
        numbers = np.concatenate([place, (22.5 - one) / PER_MAGNITUDE + colors])
        field.paint(numbers, 15, (float(place[0]), float(place[1])), 1.0)
    light = [np.maximum(m - old, 0.0) for m, old in zip(field.model, kept, strict=True)]
    for m, old in zip(field.model, kept, strict=True):
        m[:] = old
    wider = [replace(e, counts=e.counts + rng.poisson(one)) for e, one in zip(field.exposures, light, strict=True)]
    after = detected(replace(field, exposures=tuple(wider)), [e.sky for e in wider], plan.threshold)
    new = after[cKDTree(before).query(after)[0] > 1.0] if len(before) and len(after) else after
    found = cKDTree(new).query(places)[0] < 2.0 if len(new) else np.zeros(n, dtype=bool)
    edges = np.arange(np.floor(low), high + 2.0, WIDTH)
    out = []
    for a in edges:
        here = (mag >= a) & (mag < a + WIDTH)
        if here.sum() >= 5:
            out.append(
                {"magnitude": float(a + WIDTH / 2), "found": float(found[here].mean()), "planted": int(here.sum())}
            )
    return out
