"""One number a sample: how it is spread in each set, overall or under each condition."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.ticker import FuncFormatter, MaxNLocator

from simulacra.core.samples import Array
from simulacra.pictures.style import BAND, TRUTH, Panel, folded, layers, legend, pens, sheet, short
from simulacra.reports.figures.seen import Seen, finite


def edges(many: list[Array], most: int = 36) -> Array:
    """Bins for all sets: between the values where they are few, else even over where the samples lie."""
    full = [x for x in many if len(x)]
    if not full:
        return np.array([-0.5, 0.5])
    distinct = np.unique(np.concatenate(full))
    if 1 < len(distinct) <= most:
        middle = (distinct[1:] + distinct[:-1]) / 2
        return np.concatenate([[2 * distinct[0] - middle[0]], middle, [2 * distinct[-1] - middle[-1]]])
    low = min(float(np.percentile(x, 0.5)) for x in full)
    high = max(float(np.percentile(x, 99.5)) for x in full)
    if high <= low:
        low, high = low - 0.5, high + 0.5
    bins = int(np.clip(np.sqrt(len(full[0])) * 1.3, 10, most))
    return np.linspace(low, high, bins + 1)


def histograms(seen: Seen) -> Panel:
    """Outlines over one another, the truth's filled; a small panel for each condition."""
    found = seen.parts()
    columns = 1 if len(found) == 1 else 2
    rows = -(-len(found) // columns)
    figure = sheet(3.0 if columns == 1 else 0.75 + 1.5 * rows)
    many = figure.subplots(rows, columns, squeeze=False).ravel()
    handles: dict[str, Any] = {}
    for axes, (label, part) in zip(many, found, strict=False):
        values = {name: finite(seen.of(name, part)).ravel() for name in seen.sets}
        bins = edges([values[name] for name in ("truth", "model") if name in values] or list(values.values()))
        for name, pen in layers(list(values)).items():
            if len(values[name]):
                share = np.histogram(values[name], bins)[0] / len(values[name])
                if name == "truth":
                    axes.stairs(share, bins, fill=True, color=BAND, alpha=0.45, lw=0)
                handles[name] = axes.stairs(
                    share, bins, color=pen.color, ls=pen.dash, lw=min(pen.width, 1.8), baseline=0
                )
        axes.set_ylim(bottom=0)
        axes.xaxis.set_major_locator(MaxNLocator(6 if columns == 1 else 4))
        axes.xaxis.set_major_formatter(FuncFormatter(short))
        axes.yaxis.set_major_locator(MaxNLocator(4))
        if label:
            axes.set_title(label, fontsize=9)
    for spare in many[len(found) :]:
        spare.set_visible(False)
    if columns == 1:
        many[0].set_xlabel(folded(seen.quantity, 48))
        many[0].set_ylabel("share of samples in a bin")
    else:
        figure.supxlabel(folded(seen.quantity, 48), fontsize=10)
        figure.supylabel("share of samples in a bin", fontsize=10)
    names = [name for name in seen.sets if name in handles]
    legend(figure, [handles[name] for name in names], names)
    text = "The model's outline should follow the truth's (filled). A baseline far off leaves the frame."
    return Panel(figure, text, f"Histogram of {seen.quantity} for {', '.join(names)}.")


def means(seen: Seen) -> Panel:
    """Mean and spread of the number against the condition."""
    figure = sheet(2.9)
    axes = figure.add_subplot()
    numeric = np.issubdtype(next(iter(seen.given.values())).dtype, np.number)
    found = seen.parts()
    drawn = pens([name for name in seen.sets if name in seen.given])
    basis = seen.given.get("truth", next(iter(seen.given.values())))
    few = np.unique(basis)
    parts = [np.array([v, v]) for v in few] if len(few) <= 12 else [part for _, part in found if part is not None]
    at = np.array([float(np.mean(part)) for part in parts]) if numeric else np.arange(len(parts), dtype=float)
    step = float(np.min(np.diff(at))) if len(at) > 1 else 1.0
    handles = {}
    for i, (name, pen) in enumerate(drawn.items()):
        rows = [finite(seen.of(name, part)) for part in parts]
        kept = [j for j, x in enumerate(rows) if len(x)]
        if kept:
            shift = 0.0 if name == "truth" else step * 0.09 * i
            handles[name] = axes.errorbar(
                at[kept] + shift,
                [float(rows[j].mean()) for j in kept],
                yerr=[float(rows[j].std()) for j in kept],
                color=pen.color, ls=pen.dash, lw=pen.width * 0.8, marker=pen.mark, ms=4, elinewidth=1, capsize=2,
                zorder=3 if pen.color == TRUTH else 2,
            )  # fmt: skip
    if not numeric:
        axes.set_xticks(at, [str(part[0]) for part in parts], rotation=20 if len(parts) > 4 else 0)
    unit = "" if seen.condition_unit == "1" else f", {seen.condition_unit}"
    axes.set_xlabel(f"{seen.condition}{unit}")
    axes.set_ylabel(folded(seen.quantity))
    names = [name for name in seen.sets if name in handles]
    legend(figure, [handles[name] for name in names], names)
    text = f"Mean and spread of the samples against {seen.condition}; sets are shifted sideways to be distinguished."
    return Panel(figure, text, f"Mean and spread of {seen.quantity} against {seen.condition} for {', '.join(names)}.")
