"""Hidden parts filled in, on a page: seen, filled in and true side by side, and a row for every way of doing it."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.core.verdict import LEVEL
from simulacra.pictures.base import common, drawable, of
from simulacra.pictures.mosaic import arrange
from simulacra.reports.markup import Shown, picture
from simulacra.reports.sections.base import Page, Part

OF = "exhibit fill-in"
PLACE = 40
HIDDEN = 150  # the gray, of 255, of what is hidden
NOTE = (
    "Off by: root mean square over the hidden numbers, with its 95 % interval over pictures. A judge rejects a way of "
    "filling in (≠, p at most 0.05, adjusted over the judges; else ≈) if the completed pictures are not such that each "
    "could be swapped with the true one; the number is the distance over its median with pairs swapped at random. A "
    "mean is no draw: it is smoother than what is true, and that is seen."
)


def section(page: Page) -> Part | None:
    """What is shown; None for a run that filled in nothing."""
    seen = page.run.exhibit("fill-in")
    return None if seen is None else Part("further.html", {"part": _section(seen)})


def _section(seen: dict[str, Array]) -> dict[str, Any]:
    ways, judges = [str(w) for w in seen["ways"]], [str(j) for j in seen["judges"]]
    errors, stated = np.asarray(seen["errors"], dtype=float), np.asarray(seen["told"], dtype=float)
    rows = []
    for way, (error, low, high, over, over_low, over_high), words in zip(ways, errors, stated, strict=True):
        beside = "–" if way == ways[0] else f"{over:.2f} ({over_low:.2f} to {over_high:.2f})"
        cells = [f"{'≠' if p <= LEVEL else '≈'} {ratio:.3g} ×" for p, ratio in words]
        rows.append((way, [f"{error:.4f} ({low:.4f} to {high:.4f})", beside, *cells]))
    return {
        "id": "fill-in",
        "title": "Hidden parts filled in",
        "sentence": sentence(ways, errors, int(seen["count"]), float(seen["hidden"])),
        "head": ["way", "off by", f"over {ways[0]}", *judges],
        "rows": rows,
        "note": NOTE,
        "figures": [_figure(seen, ways)],
    }


def sentence(ways: list[str], errors: Array, count: int, hidden: float) -> str:
    """Who is nearer to the truth: the model, or the best of the simple ways (those after the model's two)."""
    simple = 2 + int(np.argmin(errors[2:, 0]))
    _, _, _, over, low, high = errors[simple]
    stated = (
        f"Of each of {count:,} held-out pictures {hidden:.0%} is hidden. The {ways[0]} is off by {errors[0, 0]:.4f} "
        f"(root mean square), the best simple way, {ways[simple]}, by {errors[simple, 0]:.4f}: "
        f"{over:.2f} times as much ({low:.2f} to {high:.2f})."
    )
    if high < 1:
        return f"{stated} The simple way is better."
    return f"{stated} The model is better." if low > 1 else f"{stated} Neither is better."


def _figure(seen: dict[str, Array], ways: list[str]) -> Shown:
    kind, truth, mask = str(seen["kind"]), np.asarray(seen["truth"]), np.asarray(seen["seen"], dtype=bool)
    samples = Samples.of(truth, kind, origin="exhibit")
    if not drawable(samples):
        raise BadInput("these samples cannot be drawn", kind, "use pictures")
    scale = common([samples])
    known = of(kind).tiles(truth, scale)
    known[~mask.all(axis=-1)] = HIDDEN
    layers = [known, *(of(kind).tiles(np.asarray(seen[f"filled.{i}"]), scale) for i in range(len(ways)))]
    layers.append(of(kind).tiles(truth, scale))
    image = arrange(np.concatenate(layers), len(truth))
    names = ["what is seen", *ways, "truth"]
    text = f"A column is a held-out picture. From above: {', '.join(names)}."
    return Shown(picture(image, f"{len(truth)} pictures filled in"), text, wide=True)
