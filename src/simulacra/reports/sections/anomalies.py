"""Odd samples among normal ones, on a page: a row for every score, their ROC curves, and the oddest samples."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples
from simulacra.pictures.base import common, drawable, of
from simulacra.pictures.mosaic import arrange, enlarge
from simulacra.reports.figures import roc
from simulacra.reports.markup import Drawer, Shown, picture
from simulacra.reports.sections.base import Page, Part

OF = "exhibit anomalies"
PLACE = 41
FRAME = (240, 164, 28)
COLUMNS = 12
NOTE = (
    "Area: the chance that an odd sample scores higher than a normal one, with DeLong's 95 % interval; guessing has "
    "0.5. None of these scores was chosen or fitted by a look at odd samples."
)


def section(page: Page) -> Part | None:
    """What is shown; None for a run that looked for nothing odd."""
    seen = page.run.exhibit("anomalies")
    return None if seen is None else Part("further.html", {"part": _section(seen, page.drawer)})


def _section(seen: dict[str, Array], drawer: Drawer) -> dict[str, Any]:
    names, table = [str(name) for name in seen["scores"]], np.asarray(seen["table"], dtype=float)
    own, best = int(seen["own"]), int(seen["reference"])
    name, alarms = str(seen["name"]), float(seen["false alarms"])
    rows = []
    for i, (who, (value, low, high, more, more_low, more_high, found)) in enumerate(zip(names, table, strict=True)):
        beside = "–" if i == best else signed(more, more_low, more_high)
        rows.append((who, [f"{value:.3f} ({low:.3f} to {high:.3f})", beside, f"{found:.0%}"]))
    curves = {who: np.asarray(seen[f"curve.{i}"]) for i, who in enumerate(names)}
    simple = own + int(np.argmax(table[own:, 0]))
    figures = [drawer.curve(roc.panel(curves, own))]
    figures += [_oddest(seen, i, names[i], name) for i in dict.fromkeys((best, simple))]
    return {
        "id": "anomalies",
        "title": "Odd ones among normal ones",
        "sentence": sentence(names, table, best, simple, (int(seen["normal"]), int(seen["odd"])), name),
        "head": [
            "score",
            "area under the ROC curve",
            f"minus {names[best]}",
            f"{name}s found at {alarms:.0%} false alarms",
        ],
        "rows": rows,
        "note": NOTE,
        "figures": figures,
    }


def sentence(names: list[str], table: Array, best: int, simple: int, sizes: tuple[int, int], name: str) -> str:
    """Which separates better: the better of the model's scores, or the best of the simple ones."""
    more, low, high = table[simple, 3:6]
    stated = (
        f"{sizes[0]:,} normal samples and {sizes[1]:,} of class {name}, of none of which anything here has learned. "
        f"Of the model's scores the better ({names[best]}) has an area of {table[best, 0]:.3f}, of the simple ones the "
        f"best ({names[simple]}) {table[simple, 0]:.3f}: {signed(more, low, high)}."
    )
    if low > 0:
        return f"{stated} The simple score is better."
    return f"{stated} The model's is better." if high < 0 else f"{stated} Neither is better."


def signed(value: float, low: float, high: float) -> str:
    """A difference with its interval, each with its sign.

    >>> signed(-0.1, -0.25, 0.05)
    '−0.100 (−0.250 to +0.050)'
    """
    return f"{value:+.3f} ({low:+.3f} to {high:+.3f})".replace("-", "−")


def _oddest(seen: dict[str, Array], i: int, who: str, name: str) -> Shown:
    x, odd = np.asarray(seen[f"oddest.{i}"]), np.asarray(seen[f"is odd.{i}"], dtype=bool)
    samples = Samples.of(x, str(seen["kind"]), origin="exhibit")
    if not drawable(samples):
        raise BadInput("these samples cannot be drawn", samples.kind, "use pictures")
    tiles = enlarge(of(samples.kind).tiles(x, common([samples])))
    edge = max(3, tiles.shape[1] // 24)
    inside = np.zeros(tiles.shape[1:3], dtype=bool)
    inside[edge:-edge, edge:-edge] = True
    tiles[odd[:, None, None] & ~inside] = FRAME
    text = f"The oddest {len(x)} of all, by {who}, the oddest first; in a frame what is of class {name}: {odd.sum()}."
    return Shown(picture(arrange(tiles, COLUMNS), f"The oddest samples by {who}"), text, f"Oddest by {who}", wide=True)
