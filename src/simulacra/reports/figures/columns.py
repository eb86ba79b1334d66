"""Rows of numbers column by column: histograms of the sets over one another, largest differences first; then pairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from simulacra.core.samples import Array, Column, Samples
from simulacra.pictures.style import BAND, MODEL, TRUTH, Panel, folded, hand, layers, legend, sheet, short
from simulacra.reports.figures.histograms import edges

MOST, ACROSS, PAIRS = 12, 3, 3  # columns that are shown, in a row, and pairs
PLACES = 32  # a longer row without names is a profile, and drawn as one


@dataclass(frozen=True)
class Difference:
    """One column and how far the model's values lie from the truth's.

    Args:
        place: of the column.
        column: what it is.
        size: the largest difference of the shares below any value (of any set of levels), or of the shares of gaps.
        gaps: share of gaps in truth and model.
    """

    place: int
    column: Column
    size: float
    gaps: tuple[float, float]


def named_columns(sets: Mapping[str, Samples]) -> tuple[Column, ...]:
    """The columns of rows that are best seen one by one: those with names, and short rows without."""
    first = next(iter(sets.values()), None)
    if first is None or first.array.ndim != 2 or first.array.dtype.kind not in "fiub" or first.kind == "series":
        return ()
    if first.columns:
        return tuple(first.columns)
    few = first.kind == "vector" and 2 < first.array.shape[1] <= PLACES
    unit = first.unit if isinstance(first.unit, str) else "1"
    return tuple(Column(f"place {i + 1}", unit) for i in range(first.array.shape[1])) if few else ()


def differences(truth: Array, model: Array, columns: tuple[Column, ...]) -> list[Difference]:
    """All columns, the largest difference first."""
    from scipy import stats  # late: a page without columns needs none of it

    found = []
    for place, column in enumerate(columns):
        t, m = truth[:, place].astype(float), model[:, place].astype(float)
        gaps = float(np.isnan(t).mean()), float(np.isnan(m).mean())
        t, m = t[~np.isnan(t)], m[~np.isnan(m)]
        if not len(t) or not len(m):
            size = float(len(t) != len(m))
        elif column.levels:
            size = 0.5 * float(np.abs(_shares(t, column) - _shares(m, column)).sum())
        else:
            size = float(stats.ks_2samp(t, m, method="asymp").statistic)
        found.append(Difference(place, column, max(size, abs(gaps[0] - gaps[1])), gaps))
    return sorted(found, key=lambda one: -one.size)


def panels(sets: Mapping[str, Samples]) -> list[Panel]:
    """Histograms of the columns, and the pairs that go together otherwise; none where rows are no columns."""
    columns = named_columns(sets)
    if not columns or "truth" not in sets or "model" not in sets:
        return []
    ranked = differences(sets["truth"].array, sets["model"].array, columns)
    with hand():
        found = [_histograms(sets, ranked[:MOST], len(columns))]
        pair = _pairs(sets, columns)
        return [*found, pair] if pair else found


def _shares(values: Array, column: Column) -> Array:
    return np.bincount(values.astype(int), minlength=len(column.levels)) / len(values)


def _histograms(sets: Mapping[str, Samples], shown: list[Difference], total: int) -> Panel:
    across = min(ACROSS, len(shown))
    down = -(-len(shown) // across)
    figure = sheet(0.5 + 1.75 * down, 2.75 * across)
    many = figure.subplots(down, across, squeeze=False).ravel()
    handles: dict[str, object] = {}
    for axes, one in zip(many, shown, strict=False):
        values = {name: s.array[:, one.place].astype(float) for name, s in sets.items()}
        values = {name: x[~np.isnan(x)] for name, x in values.items()}
        handles |= _levels(axes, values, one.column) if one.column.levels else _numbers(axes, values)
        axes.set_xlabel(folded(_title(one.column), 30), fontsize=9)
        if said := _gaps(one):
            axes.set_title(said, fontsize=8)
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_locator(MaxNLocator(3))
    for spare in many[len(shown) :]:
        spare.set_visible(False)
    figure.supylabel("share of rows", fontsize=10)
    names = [name for name in sets if name in handles]
    legend(figure, [handles[name] for name in names], names)
    some = f"the {len(shown)} of {total} columns that differ most" if total > len(shown) else "all columns"
    text = f"Each column by itself, {some}, the largest difference first; the truth's histogram is filled."
    stated = ", ".join(f"{one.column.name} ({one.size:.2g})" for one in shown)
    return Panel(figure, text, f"Histograms of columns with the largest difference of shares: {stated}.")


def _gaps(one: Difference) -> str:
    stated = f"gaps: truth {one.gaps[0]:.0%}, model {one.gaps[1]:.0%}".replace("%", " %")
    return stated if max(one.gaps) > 0 else ""


def _title(column: Column) -> str:
    return column.name if column.unit in ("", "1") else f"{column.name}, {column.unit}"


def _numbers(axes: Axes, values: Mapping[str, Array]) -> dict[str, object]:
    bins = edges([values[name] for name in ("truth", "model") if name in values])
    handles: dict[str, object] = {}
    for name, pen in layers(list(values)).items():
        if len(values[name]):
            share = np.histogram(values[name], bins)[0] / len(values[name])
            if name == "truth":
                axes.stairs(share, bins, fill=True, color=BAND, alpha=0.45, lw=0)
            handles[name] = axes.stairs(share, bins, color=pen.color, ls=pen.dash, lw=min(pen.width, 1.6), baseline=0)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(FuncFormatter(short))
    return handles


def _levels(axes: Axes, values: Mapping[str, Array], column: Column) -> dict[str, object]:
    handles: dict[str, object] = {}
    at, width = np.arange(len(column.levels)), 0.8 / max(1, len(values))
    for i, (name, pen) in enumerate(layers(list(values)).items()):
        if len(values[name]):
            place = at + (i - (len(values) - 1) / 2) * width
            color = BAND if name == "truth" else pen.color
            handles[name] = axes.bar(place, _shares(values[name], column), width * 0.92, color=color)
    axes.set_xticks(at, [folded(level, 10) for level in column.levels], fontsize=8)
    return handles


def _pairs(sets: Mapping[str, Samples], columns: tuple[Column, ...]) -> Panel | None:
    """Pairs of numbers whose rank correlation differs most."""
    full = np.minimum(*(np.isfinite(sets[name].array.astype(float)).sum(axis=0) for name in ("truth", "model")))
    places = [i for i, column in enumerate(columns) if not column.levels and full[i] > 1][:40]
    if len(places) < 2:
        return None
    truth, model = (_correlations(sets[name].array[:, places].astype(float)) for name in ("truth", "model"))
    gap = np.triu(np.abs(truth - model), 1)
    order = np.argsort(-gap, axis=None)[: min(PAIRS, len(places) * (len(places) - 1) // 2)]
    chosen = [(int(i), int(j)) for i, j in zip(*np.unravel_index(order, gap.shape), strict=True)]
    figure = sheet(2.7, 2.75 * len(chosen) if len(chosen) > 1 else 4.6)
    handles = {}
    for axes, (i, j) in zip(figure.subplots(1, len(chosen), squeeze=False).ravel(), chosen, strict=True):
        for name, color in (("truth", TRUTH), ("model", MODEL)):
            x = sets[name].array[:, [places[i], places[j]]]
            handles[name] = axes.scatter(x[:, 0], x[:, 1], s=7, color=color, alpha=0.55, lw=0)
        both = np.concatenate([sets[name].array[:, [places[i], places[j]]] for name in ("truth", "model")])
        for side, line, set_limits in ((0, axes.xaxis, axes.set_xlim), (1, axes.yaxis, axes.set_ylim)):
            low, high = np.nanpercentile(both[:, side].astype(float), [0.5, 99.5])
            room = 0.06 * (high - low) or 0.5
            set_limits(low - room, high + room)
            line.set_major_locator(MaxNLocator(4))
            line.set_major_formatter(FuncFormatter(short))
        axes.set_xlabel(folded(_title(columns[places[i]])), fontsize=9)
        axes.set_ylabel(folded(_title(columns[places[j]])), fontsize=9)
        axes.set_title(f"rank correlation {truth[i, j]:.2f}, model {model[i, j]:.2f}".replace("-", "−"), fontsize=8)
    legend(figure, list(handles.values()), list(handles))
    text = "Pairs of columns, those first whose rank correlation differs most between truth and model."
    stated = "; ".join(f"{columns[places[i]].name} and {columns[places[j]].name}" for i, j in chosen)
    return Panel(figure, text, f"Scatter of {stated}.")


def _correlations(x: Array) -> Array:
    """Spearman's, over the rows in which both have a value; 0 where one of them stands still."""
    from scipy import stats  # late: a page without columns needs none of it

    n = x.shape[1]
    found = np.eye(n)
    for i in range(n):
        for j in range(i):
            both = ~np.isnan(x[:, i]) & ~np.isnan(x[:, j])
            a, b = stats.rankdata(x[both, i]), stats.rankdata(x[both, j])
            if both.sum() > 2 and a.std() > 0 and b.std() > 0:
                found[i, j] = found[j, i] = float(np.corrcoef(a, b)[0, 1])
    return found
