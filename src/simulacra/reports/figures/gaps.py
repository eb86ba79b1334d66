"""Gaps of a table drawn: the share missing in each column, and which columns are missing together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.ticker import FuncFormatter, MaxNLocator

from simulacra.pictures.style import BAND, INK, MODEL, Panel, folded, hand, sheet

MOST = 30
"""Columns that are drawn, those with the most gaps."""


def shares(columns: Sequence[Mapping[str, Any]]) -> Panel | None:
    """Bars of the share of missing cells, the largest first; None where nothing is missing."""
    gone = sorted((c for c in columns if c["missing"]), key=lambda c: -c["share"])
    shown = gone[:MOST]
    if not shown:
        return None
    with hand():
        figure = sheet(0.7 + 0.2 * len(shown), 4.6)
        axes = figure.subplots()
        at = np.arange(len(shown))[::-1]
        axes.barh(at, [100 * c["share"] for c in shown], color=MODEL, height=0.72)
        axes.set_yticks(at, [folded(str(c["name"]), 24) for c in shown], fontsize=8)
        axes.set_xlim(0, 100)
        axes.set_ylim(-0.7, len(shown) - 0.3)
        axes.set_xlabel("missing, % of the rows")
    some = f"The {MOST} of {len(gone)} columns with gaps that have most" if len(gone) > MOST else "Columns with gaps"
    stated = "; ".join(f"{c['name']} {100 * c['share']:.0f} %" for c in shown[:8])
    return Panel(figure, f"{some}.", f"Share of missing cells by column: {stated}.")


def together(columns: Sequence[Mapping[str, Any]], patterns: Sequence[Mapping[str, Any]], rows: int) -> Panel | None:
    """A row a pattern of gaps, the most frequent above; filled squares are missing. None where nothing is missing."""
    order = sorted((c for c in columns if c["missing"]), key=lambda c: c["share"])
    names = [str(c["name"]) for c in order][-MOST:]
    if not names or not patterns:
        return None
    marks = np.array([[name in set(p["missing"]) for name in names] for p in patterns], dtype=float)
    with hand():
        figure = sheet(1.5 + 0.24 * len(patterns), max(4.6, 2.0 + 0.2 * len(names)))
        left, right = figure.subplots(1, 2, sharey=True, width_ratios=(max(2.0, 0.2 * len(names)), 1.2))
        at = np.arange(len(patterns))[::-1]
        for y, row in zip(at, marks, strict=True):
            for x, gone in enumerate(row):
                face = MODEL if gone else "none"
                left.add_patch(_square(float(x), float(y), face))
        left.set_xlim(-0.6, len(names) - 0.4)
        left.set_ylim(-0.6, len(patterns) - 0.4)
        left.set_xticks(range(len(names)), [folded(name, 22) for name in names], rotation=90, fontsize=8)
        left.set_yticks([])
        for side in ("left", "bottom"):
            left.spines[side].set_visible(False)
        left.tick_params(length=0)
        counts = [100 * p["rows"] / rows for p in patterns]
        right.barh(at, counts, color=BAND, height=0.6)
        for y, p, share in zip(at, patterns, counts, strict=True):
            right.text(share, float(y), f" {p['rows']:,}", va="center", fontsize=8, color=INK)
        right.set_xlim(0, 1.45 * max(counts))
        right.xaxis.set_major_locator(MaxNLocator(3))
        right.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
        right.set_xlabel("% of the rows")
    covered = sum(p["rows"] for p in patterns)
    text = (
        f"Which cells are missing together: a line a pattern, filled squares are missing; the number of rows beside. "
        f"These patterns make {100 * covered / rows:.0f} % of the rows."
    )
    return Panel(figure, text, f"{len(patterns)} patterns of missing cells over {len(names)} columns.")


def _square(x: float, y: float, face: str) -> Any:  # noqa: ANN401 - a patch of matplotlib
    from matplotlib.patches import Rectangle

    return Rectangle((x - 0.38, y - 0.38), 0.76, 0.76, facecolor=face, edgecolor=BAND, linewidth=0.6)
