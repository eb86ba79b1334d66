"""How training went: each part of the loss over the steps, validation beside it, and the score of the samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from simulacra.core.samples import Array
from simulacra.pictures.style import ALARM, BAND, BASELINES, INK, MODEL, TRUTH, Panel, hand, legend, logarithmic, sheet
from simulacra.reports.figures import looks

HUES = (MODEL, *BASELINES, INK)
STROKES = ("-", (0, (5, 2)), (0, (1, 1.4)), (0, (5, 1.5, 1, 1.5)), (0, (8, 2)), (0, (3, 1, 1, 1, 1, 1)))
Rows = Sequence[Mapping[str, Any]]


def series(rows: Rows, group: str) -> dict[str, tuple[Array, Array]]:
    """Steps and values of each entry of one group of the log: "losses", "validation", "look", "gradient"."""
    found: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        entries = row.get(group)
        if isinstance(entries, Mapping) and isinstance(row.get("step"), int | float):
            for key, value in entries.items():
                if isinstance(value, int | float):
                    found.setdefault(str(key), []).append((float(row["step"]), float(value)))
    return {key: (np.array([a for a, _ in pairs]), np.array([b for _, b in pairs])) for key, pairs in found.items()}


def best_step(rows: Rows) -> int | None:
    """The step whose samples the fewest judges distinguished, and of these scored lowest on validation.

    Where one player does all and nobody judged, its loss may stand in.
    """
    scored = [(step, look) for step, look in _seen(rows, "look") if isinstance(look.get("score"), int | float)]
    if scored:
        return int(min(scored, key=lambda seen: (_length(seen[1].get("told")), seen[1]["score"]))[0])
    parts = list(series(rows, "validation").items())
    if len({key.rpartition("/")[0] for key, _ in parts}) != 1 or len({len(step) for _, (step, _) in parts}) != 1:
        return None
    return int(parts[0][1][0][int(np.argmin(np.sum([value for _, (_, value) in parts], axis=0)))])


def judges_of(rows: Rows) -> dict[str, tuple[Array, Array, Array]]:
    """Steps, ratios to the noise floor, and whether it distinguished, of each judge at the looks."""
    found: dict[str, list[tuple[float, float, bool]]] = {}
    for step, look in _seen(rows, "look"):
        ratios, stated = look.get("ratio"), look.get("told")
        for name, ratio in ratios.items() if isinstance(ratios, Mapping) else ():
            if isinstance(ratio, int | float) and ratio > 0:
                found.setdefault(str(name), []).append(
                    (step, float(ratio), isinstance(stated, list) and name in stated)
                )
    return {
        name: (np.array([a for a, _, _ in seen]), np.array([b for _, b, _ in seen]), np.array([c for _, _, c in seen]))
        for name, seen in found.items()
    }


def _seen(rows: Rows, group: str) -> list[tuple[float, Mapping[str, Any]]]:
    """The step and what was seen, of each look or glance."""
    return [
        (float(row["step"]), row[group])
        for row in rows
        if isinstance(row.get(group), Mapping) and isinstance(row.get("step"), int | float)
    ]


def _length(stated: object) -> int:
    return len(stated) if isinstance(stated, list) else 0


def panels(rows: Rows, alarms: Rows = (), best: int | None = None) -> list[Panel]:
    """A figure for each player's losses and one for what the judges said at the looks.

    Args:
        rows: the lines of the run's log.
        alarms: what went wrong, each with its name and step.
        best: the step that was kept; by default the one with the best score.
    """
    losses, validation, look = (series(rows, group) for group in ("losses", "validation", "look"))
    best = best_step(rows) if best is None else best
    players = list(dict.fromkeys(key.rpartition("/")[0] for key in losses))
    found = []
    with hand():
        for player in players:
            parts = {key.rpartition("/")[2]: xy for key, xy in losses.items() if key.rpartition("/")[0] == player}
            beside = {}
            for part in parts:
                for key in (f"{player}/{part}", part):
                    if key in validation:
                        beside[part] = validation[key]
                        break
            found.append(_losses(player, parts, beside, alarms, best))
        apart = {
            k: xy
            for k, xy in validation.items()
            if k not in losses and not any(key.endswith(f"/{k}") for key in losses)
        }
        if apart:
            found.append(_losses("validation", apart, {}, alarms, best))
        judged = judges_of(rows)
        if judged:
            found.append(looks.panel(judged, _seen(rows, "look"), _seen(rows, "glance"), alarms, best))
        elif "score" in look:
            found.append(_score(look, alarms, best))
    return found


def _losses(
    player: str,
    parts: dict[str, tuple[Array, Array]],
    beside: dict[str, tuple[Array, Array]],
    alarms: Rows,
    best: int | None,
) -> Panel:
    figure = sheet(2.7)
    axes = figure.add_subplot()
    handles: list[Any] = []
    names: list[str] = []
    for i, (part, (step, value)) in enumerate(parts.items()):
        color, stroke = HUES[i % len(HUES)], STROKES[i % len(STROKES)]
        axes.plot(step, value, color=color, lw=0.8, alpha=0.3)
        (line,) = axes.plot(step, smooth(value), color=color, ls=stroke, lw=1.8, marker="." if len(step) < 10 else "")
        handles.append(line)
        names.append(part or "loss")
        if part in beside:
            (rings,) = axes.plot(*beside[part], color=TRUTH, ls="none", marker="o", ms=4, mfc="none")
    if beside:
        handles.append(rings)
        names.append("validation")
    everything = np.concatenate([value for _, value in [*parts.values(), *beside.values()]])
    if everything.min() > 0 and everything.max() > 30 * everything.min():
        logarithmic(axes, "y")
    else:
        axes.set_ylim(*_body(everything))
    _mark(axes, alarms, best, handles, names)
    axes.set_xlabel("step")
    axes.set_ylabel(f"{player} loss" if player not in ("", "validation") else player or "loss")
    legend(figure, handles, names)
    text = "Faint: every logged step; strong: its running median. Rings: the same part on validation."
    return Panel(figure, text, f"Loss of {player or 'the model'} over the steps of training: {', '.join(names)}.")


def _score(look: dict[str, tuple[Array, Array]], alarms: Rows, best: int | None) -> Panel:
    figure = sheet(2.7)
    axes = figure.add_subplot()
    handles: list[Any] = []
    names: list[str] = []
    (line,) = axes.plot(*look["score"], color=MODEL, marker="o", ms=3, lw=1.8)
    handles.append(line)
    names.append("distance from validation")
    values = look["score"][1]
    if "spread" in look:
        (line,) = axes.plot(*look["spread"], color=BASELINES[0], ls=STROKES[1], marker="^", ms=3, lw=1.4)
        handles.append(line)
        names.append("spread of the samples")
        values = np.concatenate([values, look["spread"][1]])
    handles.append(axes.axhline(1, color=BAND, lw=3, alpha=0.6, zorder=0))
    names.append("as between true sets")
    if values.min() > 0 and values.max() > 10 * values.min():
        logarithmic(axes, "y")
    _mark(axes, alarms, best, handles, names)
    axes.set_xlabel("step")
    axes.set_ylabel("in units of true sets")
    legend(figure, handles, names)
    text = (
        "Distance: lower is better, and 1 is as near as two true sets. "
        "Spread: 1 is the truth's; far below it, samples are too alike."
    )
    return Panel(figure, text, f"Score of the samples over the steps of training; the best is at step {best}.")


def smooth(values: Array, share: float = 0.04) -> Array:
    """A running median over a small share of the log, so that one spike does not hide the trend."""
    half = int(len(values) * share / 2)
    if half < 1:
        return values
    return np.array([np.median(values[max(0, i - half) : i + half + 1]) for i in range(len(values))])


def _body(values: Array) -> tuple[float, float]:
    """Limits that leave out the wild first steps, never more than a hundredth of the log at each end."""
    low, high = (float(v) for v in np.percentile(values, [1, 99]))
    room = 0.08 * (high - low) or 0.5
    return low - room, high + room


def _mark(axes: Axes, alarms: Rows, best: int | None, handles: list[Any], names: list[str]) -> None:
    if best is not None:
        handles.append(axes.axvline(best, color=TRUTH, lw=1.1, ls=(0, (2, 2))))
        names.append(f"kept: step {best}")
    lines = {}
    for alarm in alarms:
        if isinstance(alarm.get("step"), int | float):
            lines[str(alarm.get("name", "alarm"))] = axes.axvline(float(alarm["step"]), color=ALARM, lw=1.4)
    for name, line in lines.items():
        handles.append(line)
        names.append(f"⚠ {name}")
