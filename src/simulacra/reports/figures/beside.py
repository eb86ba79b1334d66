"""Several runs in one picture: what truth looks like, what each model draws, and how far each judge finds it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import SubplotSpec

from simulacra.core.samples import Array, Samples
from simulacra.core.verdict import Verdict
from simulacra.pictures.base import common, of
from simulacra.pictures.mosaic import arrange
from simulacra.pictures.style import BAND, BASELINES, MODEL, TRUTH, Panel, folded, hand, logarithmic, sheet
from simulacra.reports.figures.conditional import Row, condition, rows

MARKS = {"consistent": "o", "no difference seen": "o", "differs": "X", "unsure": "d"}
MEANING = {
    "consistent": "consistent with truth",
    "no difference seen": "no difference seen",
    "differs": "differs",
    "unsure": "unsure",
}
COLORS = (MODEL, *BASELINES)
MOST_SETS, MOST_ROWS, TILES, DEEP = 3, 4, 4, 2  # beside the truth; conditions; tiles in a strip, side by side and below
WIDE, HEIGHT = 9.6, 3.9  # inches


def beside(
    sets: Mapping[str, Samples],
    verdicts: Mapping[str, Mapping[str, Verdict]],
    chance: Mapping[str, tuple[float, float]],
) -> Panel | None:
    """Strips of samples and, to their right, each judge's distance from the truth in noise floors.

    Args:
        sets: what can be drawn: "truth", and the model's samples under each run's label; may be empty.
        verdicts: of each run, by its label and by judge.
        chance: of each judge, the distances between which nineteen of twenty further true sets lie, in noise floors.
    """
    if not any(verdicts.values()):
        return None
    shown = {name: s for name, s in sets.items() if name == "truth" or name in list(verdicts)[:MOST_SETS]}
    found = _strips(shown) if "truth" in shown and len(shown) > 1 else []
    with hand():
        figure = sheet(HEIGHT, WIDE if found else 0.6 * WIDE)
        grid = figure.add_gridspec(1, 2, width_ratios=(1.7, 1) if found else (1e-6, 1))
        if found:
            _draw_strips(figure, grid[0], found, list(shown), list(verdicts))
        _draw_distances(figure.add_subplot(grid[1]), figure, verdicts, chance)
    first = "Left, samples as they came: truth, then what each model draws. Right, h" if found else "H"
    text = (
        f"{first}ow far each judge finds them from the truth. Gray: where nineteen of twenty further true sets would "
        "lie. The mark is the verdict, which weighs other views of the same numbers, too: "
        "a cross may stand within the gray."
    )
    stated = "; ".join(
        f"{label}: " + ", ".join(f"{v.judge} {v.word}, {v.ratio:.3g} noise floors" for v in row.values() if v.ratio)
        for label, row in verdicts.items()
    )
    return Panel(figure, text, f"{'Samples and distances' if found else 'Distances'} of {stated}.")


def _strips(sets: Mapping[str, Samples]) -> list[Row]:
    """A row for each of a few conditions; where there is none, a few rows of samples as they came."""
    first = next(name for name in sets if name != "truth")
    name = condition({"truth": sets["truth"], "model": sets[first]})
    if name is not None:
        found = rows(sets, name, TILES, DEEP)
        some = np.linspace(0, len(found) - 1, min(MOST_ROWS, len(found))).round().astype(int)
        return [found[i] for i in dict.fromkeys(some.tolist())]
    scale = common(list(sets.values()))
    found = []
    for i in range(MOST_ROWS - 1):
        strips = {}
        for who, samples in sets.items():
            few: Array = samples.array[i * TILES * DEEP : (i + 1) * TILES * DEEP]
            if len(few):
                strips[who] = arrange(of(samples.kind).tiles(few, scale), TILES)
        found += [Row("", strips)] if strips else []
    return found


def _draw_strips(
    figure: Figure,
    place: SubplotSpec,
    found: list[Row],
    names: list[str],
    labels: list[str],
) -> None:
    grid = place.subgridspec(len(found), len(names), hspace=0.02, wspace=0.04)
    for i, row in enumerate(found):
        for j, name in enumerate(names):
            axes = figure.add_subplot(grid[i, j])
            axes.set_xticks([])
            axes.set_yticks([])
            for spine in axes.spines.values():
                spine.set_visible(False)
            if name in row.strips:
                axes.imshow(row.strips[name], interpolation="nearest")
            if j == 0 and row.label:
                axes.set_ylabel(folded(row.label, 12), rotation=0, ha="right", va="center", fontsize=9)
            if i == 0:
                color = TRUTH if name == "truth" else COLORS[labels.index(name) % len(COLORS)]
                axes.set_title(folded(name, 22), color=color, fontweight="bold")


def _draw_distances(
    axes: Axes,
    figure: Figure,
    verdicts: Mapping[str, Mapping[str, Verdict]],
    chance: Mapping[str, tuple[float, float]],
) -> None:
    judges = list(dict.fromkeys(judge for row in verdicts.values() for judge in row))
    ratios = [v.ratio for row in verdicts.values() for v in row.values() if v.ratio > 0]
    ends = [end for judge in judges for end in chance.get(judge, ()) if end > 0]
    low, high = min([0.5, *ratios, *ends]) / 1.15, max([3.0, *ratios, *ends]) * 1.4
    handles: dict[str, Artist] = {}
    for place, judge in enumerate(judges):
        if judge in chance:
            left, right = max(chance[judge][0], low), chance[judge][1]
            (handles["further true sets, 19 of 20"],) = axes.barh(
                place, right - left, 0.62, left, color=BAND, alpha=0.45, lw=0
            )
    for i, (label, row) in enumerate(verdicts.items()):
        for verdict in row.values():
            (handles[f"{label}: {MEANING.get(verdict.word, verdict.word)}"],) = axes.plot(
                max(verdict.ratio, low * 1.05),
                judges.index(verdict.judge) + 0.2 * (i - (len(verdicts) - 1) / 2),
                marker=MARKS.get(verdict.word, "."),
                ls="none",
                color=COLORS[i % len(COLORS)],
                mfc="none" if verdict.word == "unsure" else None,
                ms=8,
                mew=1.4 if verdict.word == "unsure" else 0.6,
                mec=COLORS[i % len(COLORS)] if verdict.word == "unsure" else "white",
            )
    axes.set_ylim(len(judges) - 0.4, -0.6)
    axes.set_xlim(low, high)
    logarithmic(axes, "x")
    axes.set_yticks(range(len(judges)), [folded(judge, 18) for judge in judges])
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", lw=0.4, alpha=0.5)
    axes.set_xlabel("distance from truth, in noise floors")
    figure.legend(
        list(handles.values()), list(handles), loc="outside lower right", ncols=len(handles), handletextpad=0.3,
        columnspacing=1.2,
    )  # fmt: skip
