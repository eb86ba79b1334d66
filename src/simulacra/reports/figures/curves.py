"""What a judge saw, as curves: the mean of each set along the axis, with the truth's own spread as a band."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulacra.core.samples import Array
from simulacra.pictures.style import BAND, INK, WIDTH, Panel, folded, hand, layers, legend, logarithmic, pens, sheet
from simulacra.reports.figures.histograms import histograms, means
from simulacra.reports.figures.seen import Seen, finite

ROW = 0.30  # inches a named feature


def panels(judge: Mapping[str, Array], condition: str = "") -> list[Panel]:
    """The figures of one judge, from what the run folder keeps of it.

    Args:
        judge: its arrays: features by set, axis, conditions, floor.
        condition: the name of the condition, if the features have one: "temperature".
    """
    seen = Seen.read(judge, condition)
    if seen is None:
        return []
    with hand():
        if seen.named and len(seen.at) > 1:
            return [dots(seen)]
        if len(seen.at) == 1:
            return [histograms(seen)] if len(seen.parts()) < 3 else [means(seen), histograms(seen)]
        return [curves(seen), differences(seen)]


def band(seen: Seen, part: Array | None) -> tuple[Array, Array] | None:
    """Where the mean of another true set of the model's size would lie, nineteen times in twenty."""
    if "truth" not in seen.sets:
        return None
    if seen.floor is not None and part is None:
        return seen.floor
    truth = finite(seen.of("truth", part))
    if len(truth) < 2:
        return None
    n = len(seen.of("model", part)) if "model" in seen.sets else len(truth)
    half = 1.96 * truth.std(axis=0, ddof=1) * np.sqrt(1 / len(truth) + 1 / max(n, 1))
    return truth.mean(axis=0) - half, truth.mean(axis=0) + half


def curves(seen: Seen) -> Panel:
    """The mean curve of each set; a small panel for each condition."""
    figure, many = _panes(seen)
    handles: dict[str, Any] = {}
    for axes, (label, part) in many:
        found = band(seen, part)
        if found is not None:
            handles["truth against truth"] = axes.fill_between(seen.at, *found, color=BAND, alpha=0.45, lw=0)
        for name, pen in layers(list(seen.sets)).items():
            x = finite(seen.of(name, part))
            if len(x):
                (handles[name],) = axes.plot(
                    seen.at, x.mean(axis=0), color=pen.color, ls=pen.dash, lw=pen.width, marker=pen.mark, ms=3
                )
        _finish(axes, seen, label)
    _label(figure, many, seen, seen.quantity)
    _legend(figure, handles, list(seen.sets))
    text = "The model should run within the gray band, where the mean of another true set of its size would lie."
    return Panel(figure, text, f"Mean of {seen.quantity} along {seen.label or 'the features'}: {', '.join(seen.sets)}.")


def differences(seen: Seen) -> Panel:
    """Each set's mean curve minus the truth's, against the band of chance."""
    figure, many = _panes(seen)
    handles: dict[str, Any] = {}
    for axes, (label, part) in many:
        truth = finite(seen.of("truth", part)) if "truth" in seen.sets else np.zeros((0, len(seen.at)))
        middle = truth.mean(axis=0) if len(truth) else np.zeros(len(seen.at))
        found = band(seen, part)
        reach = 0.0
        if found is not None:
            low, high = found[0] - middle, found[1] - middle
            handles["truth against truth"] = axes.fill_between(seen.at, low, high, color=BAND, alpha=0.45, lw=0)
            reach = float(np.nanmax(np.abs([low, high])))
        axes.axhline(0, color=INK, lw=0.8)
        for name, pen in layers(list(seen.sets)).items():
            x = finite(seen.of(name, part))
            if name != "truth" and len(x):
                gap = x.mean(axis=0) - middle
                (handles[name],) = axes.plot(
                    seen.at, gap, color=pen.color, ls=pen.dash, lw=pen.width, marker=pen.mark, ms=3
                )
                if name == "model":
                    reach = max(reach, float(np.abs(gap).max()))
        if reach > 0:  # baselines far off leave the frame, so that the model's own error stays legible
            low, high = axes.get_ylim()
            axes.set_ylim(max(low, -3 * reach), min(high, 3 * reach))
        _finish(axes, seen, label)
    _label(figure, many, seen, "minus the truth's mean")
    _legend(figure, handles, [name for name in seen.sets if name != "truth"])
    text = "The same, minus the truth: outside the band is more than chance. What lies far off leaves the frame."
    return Panel(
        figure, text, f"Difference of each set's mean {seen.quantity} from the truth's, with the band of chance."
    )


def dots(seen: Seen) -> Panel:
    """Features of different sorts: mean and spread of each, in units of the truth's spread."""
    names = list(seen.sets)
    figure = sheet(0.9 + ROW * len(seen.at) + 0.12 * len(names), WIDTH)
    axes = figure.add_subplot()
    basis = finite(seen.sets.get("truth", seen.sets[names[0]]))
    middle, sigma = basis.mean(axis=0), basis.std(axis=0)
    sigma = np.where(sigma > 0, sigma, 1.0)
    places = np.arange(len(seen.at))[::-1]
    axes.axvspan(-1, 1, color=BAND, alpha=0.3, lw=0)
    axes.axvline(0, color=INK, lw=0.8)
    handles = {}
    for i, (name, pen) in enumerate(pens(names).items()):
        x = (finite(seen.sets[name]) - middle) / sigma
        if name != "truth" and len(x):
            lift = 0.30 - 0.60 * i / max(1, len(names) - 1)
            handles[name] = axes.errorbar(
                x.mean(axis=0), places + lift, xerr=x.std(axis=0), fmt=pen.mark, color=pen.color, ms=4, lw=1.2
            )
    low, high = axes.get_xlim()
    axes.set_xlim(max(low, -8), min(high, 8))
    axes.set_yticks(places, [str(name) for name in seen.at])
    axes.tick_params(axis="y", length=0)
    figure.supxlabel("distance from the truth's mean, in its spreads", fontsize=10)
    _legend(figure, handles, [name for name in names if name != "truth"])
    text = "Mean and spread of each feature, from the truth's mean and in units of its spread, which is the gray band."
    return Panel(
        figure,
        text,
        f"Mean and spread of each feature ({seen.quantity}) for {', '.join(names)}, in units of the truth's spread.",
    )


def _panes(seen: Seen) -> tuple[Figure, list[tuple[Axes, tuple[str, Array | None]]]]:
    found = seen.parts()
    columns = 1 if len(found) == 1 else 2
    rows = -(-len(found) // columns)
    figure = sheet(3.0 if columns == 1 else 0.75 + 1.55 * rows)
    axes = figure.subplots(rows, columns, squeeze=False, sharex=True).ravel()
    for spare, above in zip(axes[len(found) :], axes[len(found) - columns :], strict=False):
        spare.set_visible(False)
        above.tick_params(labelbottom=True)
    return figure, list(zip(axes, found, strict=False))


def _finish(axes: Axes, seen: Seen, label: str) -> None:
    if seen.log and np.min(seen.at) > 0:
        logarithmic(axes, "x")
    if label:
        axes.set_title(label, fontsize=9)


def _label(figure: Figure, many: list[tuple[Axes, Any]], seen: Seen, quantity: str) -> None:
    if len(many) == 1:
        many[0][0].set_ylabel(folded(quantity))
        many[0][0].set_xlabel(folded(seen.label, 48))
    else:
        figure.supylabel(folded(quantity, 44), fontsize=10)
        figure.supxlabel(folded(seen.label, 48), fontsize=10)


def _legend(figure: Figure, handles: dict[str, Any], names: list[str]) -> None:
    shown = [name for name in [*names, "truth against truth"] if name in handles]
    legend(figure, [handles[name] for name in shown], shown)
