"""Filling in, drawn: errors of imputers side by side, and how often intervals held the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.lines import Line2D

from simulacra.pictures.style import BAND, BASELINES, INK, MODEL, Panel, folded, hand, legend, sheet

WAYS = {"MCAR": (MODEL, "o"), "MAR": (BASELINES[0], "s"), "MNAR": (BASELINES[1], "^")}
"""A color and a mark for each mechanism."""


def errors(board: Sequence[Mapping[str, Any]], table: str, share: float) -> Panel:
    """RMSE of each imputer with its interval, a mark a mechanism; the best of the first mechanism above."""
    rows = [r for r in board if r["table"] == table and r["share"] == share and "rmse" in r]
    ways = [way for way in WAYS if any(r["mechanism"] == way for r in rows)]
    first = [r for r in rows if r["mechanism"] == ways[0]]
    order = [r["imputer"] for r in sorted(first, key=lambda r: r["rmse"][0])]
    with hand():
        figure = sheet(1.1 + 0.28 * len(order), 5.2)
        axes = figure.subplots()
        at = {name: len(order) - 1 - k for k, name in enumerate(order)}
        for shift, way in zip((0.2, 0.0, -0.2), ways, strict=False):
            color, mark = WAYS[way]
            for row in (r for r in rows if r["mechanism"] == way):
                mean, low, high = row["rmse"]
                y = at[row["imputer"]] + shift
                axes.plot([low, high], [y, y], color=color, lw=1.4)
                axes.plot(mean, y, mark, color=color, ms=5)
        axes.set_yticks(list(at.values()), [folded(name.replace("_", " "), 24) for name in at], fontsize=8)
        axes.set_xlim(left=0)
        axes.set_ylim(-0.6, len(order) - 0.4)
        axes.set_xlabel("RMSE of the guess, in ranges of the column")
        axes.grid(axis="x", color=BAND, alpha=0.3, lw=0.6)
        handles = [Line2D([], [], color=WAYS[w][0], marker=WAYS[w][1], lw=1.4, ms=5) for w in ways]
        legend(figure, handles, ways)
    repeats = first[0]["repeats"]
    text = (
        f"{table}, {100 * share:g} % of the cells taken out: error of the guess with its 95 % interval over {repeats} "
        "sets of cells. MCAR: at random; MAR: as other columns tell; MNAR: the higher the value, the likelier a gap."
    )
    stated = "; ".join(f"{r['imputer']} {r['rmse'][0]:.4f}" for r in sorted(first, key=lambda r: r["rmse"][0]))
    return Panel(figure, text, f"RMSE of imputers, {ways[0]}: {stated}.")


def coverage(intervals: Sequence[Mapping[str, Any]]) -> Panel:
    """How often the 95 % intervals of each quantity held the truth, a panel a mechanism."""
    ways = [way for way in WAYS if any(r["way"] == way for r in intervals)]
    names = list(dict.fromkeys(r["by"] for r in intervals))
    with hand():
        figure = sheet(0.9 + 0.26 * len(names), 5.6)
        many = figure.subplots(1, len(ways), sharey=True, squeeze=False).ravel()
        for axes, way in zip(many, ways, strict=True):
            axes.axvspan(0.92, 0.98, color=BAND, alpha=0.25, lw=0)
            axes.axvline(0.95, color=INK, lw=0.8)
            for row in (r for r in intervals if r["way"] == way):
                y = len(names) - 1 - names.index(row["by"])
                held = np.array([one[0] for one in row["covers"].values()])
                axes.plot([held.min(), held.max()], [y, y], color=WAYS[way][0], lw=1.2, alpha=0.6)
                axes.plot(held, np.full(len(held), y), WAYS[way][1], color=WAYS[way][0], ms=3.5, alpha=0.85)
            axes.set_xlim(0, 1.02)
            axes.set_ylim(-0.6, len(names) - 0.4)
            axes.set_xticks([0, 0.5, 0.95], ["0", ".5", ".95"])
            axes.set_title(way, fontsize=9)
        labels = [folded(name.replace("_", " "), 26) for name in names]
        many[0].set_yticks(range(len(names) - 1, -1, -1), labels, fontsize=8)
        figure.supxlabel("share of 95 % intervals that held the truth", fontsize=10)
    n = intervals[0]["repeats"]
    text = (
        f"Coverage of the 95 % intervals of a regression's four coefficients and of two means, a mark each, over {n} "
        "made tables; the band is 92 to 98 %. Gaps that depend on what is missing itself (MNAR) are beyond help."
    )
    stated = "; ".join(f"{r['by']} {r['way']} {r['overall']:.3f}" for r in intervals)
    return Panel(figure, text, f"Coverage: {stated}.")
