"""Points of a plane: every sample of two numbers as a dot, the truth and each set beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from simulacra.core.samples import Samples
from simulacra.pictures.base import values
from simulacra.pictures.style import Panel, pens, sheet, short

COLUMNS = 3


def panel(sets: Mapping[str, Samples]) -> Panel | None:
    """All sets on one scale, the truth's; None where the samples are no vectors of two numbers."""
    flat = {name: s for name, s in sets.items() if s.kind == "vector" and s.array.ndim == 2 and s.array.shape[1] == 2}
    if not flat or len(flat) < len(sets):
        return None
    everything = values(list(flat.values()))
    low, high = (float(v) for v in np.percentile(everything, [0.1, 99.9]))
    room = 0.15 * (high - low) or 0.5
    rows = -(-len(flat) // COLUMNS)
    figure = sheet(0.6 + 1.7 * rows)
    many = figure.subplots(rows, COLUMNS, squeeze=False, sharex=True, sharey=True).ravel()
    drawn = pens(list(flat))
    for axes, (name, samples) in zip(many, flat.items(), strict=False):
        x = np.asarray(samples.array, dtype=float)
        axes.plot(x[:, 0], x[:, 1], ".", ms=3, color=drawn[name].color, alpha=0.7, mew=0)
        axes.set(xlim=(low - room, high + room), ylim=(low - room, high + room), aspect="equal")
        axes.set_title(name, fontsize=9)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(MaxNLocator(4))
            axis.set_major_formatter(FuncFormatter(short))
    for spare in many[len(flat) :]:
        spare.set_visible(False)
    unit = next(iter(flat.values())).unit
    stated = "" if unit == "1" else f", {unit}"
    figure.supxlabel(f"first number{stated}", fontsize=9)
    figure.supylabel(f"second number{stated}", fontsize=9)
    count = ", ".join(f"{len(s):,} of {name}" for name, s in flat.items())
    return Panel(figure, f"A dot is a sample: {count}.", f"Scatter of the samples of {', '.join(flat)}.")


def moments(frames: NDArray[Any]) -> Panel:
    """The same points at each moment of their way from noise to samples, (moments, n, 2), all on one scale."""
    ends = np.asarray(frames[[0, -1]], dtype=float).reshape(2, -1)
    low, high = (float(f(np.percentile(ends, q, axis=1))) for f, q in ((np.min, 0.5), (np.max, 99.5)))
    room = 0.05 * (high - low) or 0.5
    columns = min(5, len(frames))
    rows = -(-len(frames) // columns)
    figure = sheet(0.35 + 1.05 * rows)
    many = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
    color = pens(["model"])["model"].color
    for place, (axes, x) in enumerate(zip(many, np.asarray(frames, dtype=float), strict=False)):
        axes.plot(x[:, 0], x[:, 1], ".", ms=2, color=color, alpha=0.7, mew=0)
        axes.set(xlim=(low - room, high + room), ylim=(low - room, high + room), aspect="equal", xticks=[], yticks=[])
        name = {0: "noise", len(frames) - 1: "samples"}.get(place, str(place))
        axes.set_title(name, fontsize=9)
    for spare in many[len(frames) :]:
        spare.set_visible(False)
    count = (
        f"{frames.shape[1]:,} points from noise to samples in {len(frames)} moments, evenly over the sampler's steps"
    )
    return Panel(figure, f"{count}; all panels on one scale.", f"{count}.")
