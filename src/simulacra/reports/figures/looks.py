"""What the judges said while the model was trained: how far from validation, who rejected it, what went wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from simulacra.core.samples import Array
from simulacra.pictures.style import ALARM, BAND, BASELINES, INK, MODEL, TRUTH, Panel, legend, logarithmic, sheet

Seen = Sequence[tuple[float, Mapping[str, Any]]]
HUES = (MODEL, *BASELINES, INK)
MARKS = ("o", "s", "^", "D", "v", "P")
STEEP = 0.09  # height of an alarm's name, of the drawing's


def panel(
    judged: Mapping[str, tuple[Array, Array, Array]],
    looks: Seen,
    glances: Seen,
    alarms: Sequence[Mapping[str, Any]],
    best: int | None,
) -> Panel:
    """Distances by judge over the steps; below, the spread of the samples and how many have a twin in training.

    Args:
        judged: steps, ratios to the noise floor and whether it distinguished, of each judge.
        looks: steps and what was seen.
        glances: the same of the glances between looks.
        alarms: what went wrong, each with its name and step.
        best: the step that was kept.
    """
    rungs = [alarm for alarm in alarms if isinstance(alarm.get("step"), int | float)]
    figure = sheet(3.7 + 0.09 * len(judged))
    top, low = figure.subplots(2, 1, sharex=True, height_ratios=(2.4, 1))
    handles: list[Any] = []
    names: list[str] = []
    for i, (name, (step, ratio, stated)) in enumerate(judged.items()):
        color, mark = HUES[i % len(HUES)], MARKS[i % len(MARKS)]
        top.plot(step, ratio, color=color, lw=1.4)
        top.plot(step[stated], ratio[stated], color=color, ls="none", marker=mark, ms=4.5)
        top.plot(
            step[~stated], ratio[~stated], color=color, ls="none", marker=mark, ms=5.5, mfc="none", mew=1.3, zorder=4
        )
        handles.append(Line2D([], [], color=color, marker=mark, ms=4.5, lw=1.4))
        names.append(name)
    handles.append(Line2D([], [], color=INK, ls="none", marker="o", ms=5.5, mfc="none", mew=1.3))
    names.append("open: not distinguished from truth")
    handles.append(top.axhline(1, color=BAND, lw=3, alpha=0.6, zorder=0))
    names.append("as between true sets")
    every = np.concatenate([ratio for _, ratio, _ in judged.values()])
    _scale(top, float(every.min()), float(every.max()), len(rungs))
    top.set_ylabel("distance from\nvalidation, × floor")
    _below(low, looks, glances, handles, names)
    if best is not None:
        for axes in (top, low):
            line = axes.axvline(best, color=TRUTH, lw=1.1, ls=(0, (2, 2)), zorder=1)
        handles.append(line)
        names.append(f"kept: step {best}")
    for place, alarm in enumerate(rungs):
        _alarm(top, float(alarm["step"]), str(alarm.get("name", "alarm")), 1 - STEEP * (place + 0.5))
    low.set_xlabel("step")
    low.set_xlim(left=0)
    legend(figure, handles, names)
    text = (
        "At each look: how far the samples are from validation, over what two true sets show (1). "
        "Filled: the judge distinguishes them from truth, corrected for the number of judges and looks. "
        "Below: spread of the samples over truth's, and the share with a twin in the training set; "
        "dots: glances between looks."
    )
    said = ", ".join(f"{name} {ratio[-1]:.3g}" for name, (_, ratio, _) in judged.items())
    return Panel(figure, text, f"Distance of the samples from validation over the steps; at the last look: {said}.")


def _scale(axes: Axes, low: float, high: float, rungs: int) -> None:
    """Logarithmic, with the floor in sight and room above the curves for the names of alarms."""
    low, high = min(low, 1.0) / 1.35, max(high, 1.0) * 1.35
    room = min(0.6, STEEP * (rungs + 0.3)) if rungs else 0.0
    axes.set_ylim(low, high * (high / low) ** (room / (1 - room)))
    logarithmic(axes, "y")


def _alarm(axes: Axes, step: float, name: str, height: float) -> None:
    """A tick at the upper edge, and the alarm's name beside it."""
    across = axes.get_xaxis_transform()
    axes.plot([step, step], [height - STEEP / 2, 1.0], color=ALARM, lw=2, transform=across, solid_capstyle="butt")
    left = axes.transData.transform((step, 1))[0] > axes.transAxes.transform((0.6, 0))[0]
    axes.annotate(
        f"⚠ {name}", (step, height), (-5 if left else 5, 0), xycoords=across, textcoords="offset points",
        color=ALARM, ha="right" if left else "left", va="center", size=9,
    )  # fmt: skip


def _spread(seen: Seen) -> tuple[list[float], list[float]]:
    found = [(step, look["spread"]) for step, look in seen if isinstance(look.get("spread"), int | float)]
    return [step for step, _ in found], [100 * float(value) for _, value in found]


def _twins(seen: Seen) -> tuple[list[float], list[float]]:
    found = [(step, look["copies"]) for step, look in seen if isinstance(look.get("copies"), Mapping)]
    found = [(step, copies) for step, copies in found if copies.get("of") and "twins" in copies]
    return [step for step, _ in found], [100 * float(copies["twins"]) / copies["of"] for _, copies in found]


def _below(axes: Axes, looks: Seen, glances: Seen, handles: list[Any], names: list[str]) -> None:
    """The spread, and the share of twins, at looks and glances."""
    axes.axhline(100, color=BAND, lw=3, alpha=0.6, zorder=0)
    values = [100.0]
    for read, color, stroke, name in (
        (_spread, INK, (0, (5, 2)), "spread, % of truth's"),
        (_twins, ALARM, "-", "with a training twin, %"),
    ):
        often, seldom = read(glances), read(looks)
        axes.plot(*often, color=color, ls="none", marker=".", ms=3, alpha=0.5)
        (line,) = axes.plot(*seldom, color=color, ls=stroke, lw=1.6, marker="." if len(seldom[0]) < 2 else "")
        values += [*often[1], *seldom[1]]
        if often[0] or seldom[0]:
            handles.append(line)
            names.append(name)
    axes.set_ylim(-0.04 * max(values), 1.12 * max(values))
    axes.set_ylabel("%")
