"""Forecasts as figures: the fan and what came, the next day all year, skill, and whether the law means what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.lines import Line2D

from simulacra.core.samples import Array
from simulacra.pictures.style import (
    ALARM,
    BAND,
    BASELINES,
    DASHES,
    INK,
    MARKS,
    MODEL,
    TRUTH,
    Panel,
    folded,
    hand,
    legend,
    sheet,
)  # fmt: skip

SHADES = ((0, 6, 0.22, "95 %"), (1, 5, 0.3, "80 %"), (2, 4, 0.42, "50 %"))
"""Places of the ends of each interval among the seven quantiles, how dark it is, and its name."""
PAST = 45  # days before a fan


def dates(day: Array) -> Array:
    """Days since 1970-01-01 as dates."""
    return np.asarray(day).astype("datetime64[D]")


def calendar(axes: Axes) -> None:
    """Dates along the axis, few and short."""
    locator = AutoDateLocator(minticks=3, maxticks=6)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]


def value_label(unit: str) -> str:
    """The name of the axis of values."""
    return "value" if unit in ("", "1") else f"value, {unit}"


def fans(seen: Mapping[str, Array], name: str, most: int = 4) -> Panel:
    """A few forecasts over their whole course, with the days before and what came."""
    day, history = seen["history.day"], seen["history.value"]
    starts, series, quantile = seen["fan.day"][:most], seen["fan.series"], seen[f"fan.quantile.{name}"]
    ahead = quantile.shape[2]
    with hand():
        figure = sheet(1.0 + 1.6 * len(starts))
        all_axes = np.atleast_1d(figure.subplots(len(starts), 1, squeeze=False).ravel())
        handles: dict[str, Any] = {}
        for i, axes in enumerate(all_axes):
            at = int(starts[i] - day[0])
            row = history[int(series[i])]
            before = slice(max(0, at - max(PAST, ahead) + 1), at + 1)
            after = slice(at + 1, min(len(day), at + 1 + ahead))
            future = starts[i] + 1 + np.arange(ahead)
            for low, high, alpha, label in SHADES:
                handles[label] = axes.fill_between(
                    dates(future), quantile[low, i], quantile[high, i], color=MODEL, alpha=alpha, lw=0
                )
            (handles["median"],) = axes.plot(dates(future), quantile[3, i], color=MODEL, lw=1.4)
            (handles["history"],) = axes.plot(dates(day[before]), row[before], color=INK, lw=1.1)
            (handles["truth"],) = axes.plot(dates(day[after]), row[after], color=TRUTH, lw=0, marker="o", ms=2.2)
            axes.axvline(dates(np.array([starts[i]]))[0], color=INK, lw=0.7, ls=(0, (2, 2)))
            calendar(axes)
        figure.supylabel(value_label(str(seen["truth.unit"])), fontsize=10)
        order = ["history", "truth", "median", "50 %", "80 %", "95 %"]
        legend(figure, [handles[k] for k in order], order)
    text = "Left of the dashed line: what was known. Right: the law of each day to come, and, as dots, what came."
    return Panel(figure, text, f"{len(starts)} forecasts of {ahead} days by {name}, with 50, 80 and 95 % intervals.")


def next_day(seen: Mapping[str, Array], name: str, days: int = 365) -> Panel:
    """The forecast for each next day of a held-out year of the first series, with its 95 % interval."""
    own = seen["truth.series"] == seen["truth.series"][0]
    horizon = int(seen["truth.horizon"][0])
    at = seen["truth.day"][own][:days] + horizon
    low, mean, high = (x[own, 0][:days] for x in (
        seen[f"quantile.{name}"][0], seen[f"mean.{name}"], seen[f"quantile.{name}"][-1]))  # fmt: skip
    truth = seen["truth.truth"][own, 0][:days]
    with hand():
        figure = sheet(3.0)
        axes = figure.add_subplot()
        band = axes.fill_between(dates(at), low, high, color=MODEL, alpha=0.25, lw=0)
        (line,) = axes.plot(dates(at), mean, color=MODEL, lw=1.2)
        (dots,) = axes.plot(dates(at), truth, color=TRUTH, lw=0, marker="o", ms=1.8)
        outside = (truth < low) | (truth > high)
        (rings,) = axes.plot(dates(at[outside]), truth[outside], color=ALARM, lw=0, marker="o", ms=5, mfc="none")
        calendar(axes)
        axes.set_ylabel(value_label(str(seen["truth.unit"])))
        legend(figure, [dots, line, band, rings], ["truth", "mean", "95 % interval", "outside it"])
    word = "Each day was foretold" + (" the day before" if horizon == 1 else f" {horizon} days before")
    text = f"{word}; about one in twenty should be ringed."
    return Panel(figure, text, f"Forecasts for the next day by {name} with 95 % intervals and what came.")


def skill(rows: Sequence[Mapping[str, Any]], name: str, score: str = "CRPS") -> Panel | None:
    """Skill of one forecaster over each baseline by horizon, with 95 % intervals."""
    own = [r for r in rows if r["forecaster"] == name and r["score"] == score and r["skill"] is not None]
    baselines = list(dict.fromkeys(r["baseline"] for r in own))
    if not own:
        return None
    horizons = sorted({int(r["horizon"]) for r in own})
    with hand():
        figure = sheet(3.2)
        axes = figure.add_subplot()
        axes.axhline(0, color=INK, lw=0.9)
        handles = []
        lows = []
        for i, baseline in enumerate(baselines):
            some = sorted((r for r in own if r["baseline"] == baseline), key=lambda r: int(r["horizon"]))
            x = [horizons.index(int(r["horizon"])) + 0.09 * (i - (len(baselines) - 1) / 2) for r in some]
            y = np.array([100 * r["skill"] for r in some])
            low, high = (np.array([_end(r[k], 100 * r["skill"]) for r in some]) for k in ("low", "high"))
            color, mark = (*BASELINES, MODEL, INK)[i % 6], (*MARKS, "o", "s")[i % 6]
            dash = (*DASHES, "-", "-")[i % 6]
            handles.append(axes.errorbar(
                x, y, yerr=[y - low, high - y], color=color, fmt=mark, ms=4, lw=1.3, capsize=2))  # fmt: skip
            axes.plot(x, y, color=color, ls=dash, lw=0.9)
            lows += [float(v) for v in low]
        axes.set_ylim(max(min([*lows, -5.0]), -60), None)
        axes.set_xticks(range(len(horizons)), [str(h) for h in horizons])
        axes.set_xlabel("days ahead")
        axes.set_ylabel(f"{score} below the baseline's, %")
        legend(figure, handles, baselines)
    text = "Above zero the forecast is better than what is named; bars: 95 % intervals from blocks of days."
    return Panel(figure, text, f"Skill of {name} in {score} against {', '.join(baselines)}, by days ahead.")


def _end(value: float | None, middle: float) -> float:
    return middle if value is None else 100 * float(value)


def probabilities(seen: Mapping[str, Array], name: str) -> Panel:
    """The probabilities that the law had given to less than what came: flat if it is right."""
    share, low, high = (seen[f"pit.{key}.{name}"] for key in ("share", "low", "high"))
    bins = len(share)
    edges = np.linspace(0, 1, bins + 1)
    with hand():
        figure = sheet(2.4)
        axes = figure.add_subplot()
        band = axes.fill_between(
            edges, np.append(low, low[-1]) * bins, np.append(high, high[-1]) * bins, step="post", color=BAND,
            alpha=0.45, lw=0,
        )  # fmt: skip
        axes.stairs(share * bins, edges, color=MODEL, lw=1.8, baseline=None)
        axes.axhline(1, color=INK, lw=0.8)
        axes.set_ylim(0, None)
        axes.set_xlim(0, 1)
        axes.set_xlabel("probability given to less than what came")
        axes.set_ylabel("density of days")
        legend(figure, [Line2D([], [], color=MODEL, lw=1.8), band], [name, "99 % of right laws"])
    text = "Flat: the law is right. High at both ends: too narrow; in the middle: too wide; to one side: off."
    return Panel(figure, text, f"Histogram of the probability integral transform of {name}, with 99 % bands.")


def lags(seen: Mapping[str, Array], names: Sequence[str]) -> Panel:
    """The correlation of forecasts with the days around the one that they are for."""
    at = np.arange(-3, 4)
    with hand():
        figure = sheet(2.6)
        axes = figure.add_subplot()
        handles, stated = [], []
        axes.axvline(0, color=BAND, lw=6, alpha=0.35)
        for i, name in enumerate(names):
            r, error = seen[f"lag.correlation.{name}"], seen[f"lag.error.{name}"]
            if not np.isfinite(r).any():
                continue
            color, mark = (MODEL, "o") if i == 0 else (BASELINES[(i - 1) % 4], MARKS[(i - 1) % 4])
            style: Any = "-" if i == 0 else DASHES[(i - 1) % 4]
            handles.append(axes.errorbar(
                at, r, yerr=2 * error, color=color, fmt=mark, ls=style, ms=4, lw=1.3 + 0.7 * (i == 0), capsize=2,
            ))  # fmt: skip
            stated.append(name)
        axes.set_xticks(at, ["−3", "−2", "−1", "its day", "+1", "+2", "+3"])
        axes.set_xlabel("day of the truth, counted from the day that is forecast")
        axes.set_ylabel("correlation")
        legend(figure, handles, stated)
    text = "Departures from the season. Who repeats yesterday has 1.00 at −1; what counts is its own day."
    return Panel(figure, text, f"Correlation of forecasts with truth at lags −3 to 3 days: {', '.join(names)}.")


def regime(seen: Mapping[str, Array], name: str) -> Panel:
    """Evidence that the world has changed, and whether the intervals went on holding."""
    day, evidence, alarms, held, width = (
        np.atleast_1d(seen[f"regime.{k}.{name}"]) for k in ("day", "evidence", "alarms", "held", "width")
    )
    threshold = float(seen[f"regime.threshold.{name}"])
    with hand():
        figure = sheet(4.6)
        top, middle, low = figure.subplots(3, 1, sharex=True, height_ratios=(1.2, 1, 0.8))
        top.set_yscale("log")
        top.plot(dates(day), np.maximum(evidence, 1e-2), color=MODEL, lw=1.3)
        top.axhline(threshold, color=ALARM, lw=1.0, ls=(0, (4, 2)))
        top.set_ylim(0.03, 10 * max(threshold, float(evidence.max(initial=1.0))))
        top.set_ylabel(folded("evidence of change", 10))
        top.set_yticks([1, 100, 10000], ["1", "100", "10,000"])
        top.minorticks_off()
        middle.axhline(95, color=INK, lw=0.8)
        middle.plot(dates(day), 100 * held, color=MODEL, lw=1.5)
        middle.set_ylim(min(80.0, float(np.nanmin(100 * held)) - 3) if np.isfinite(held).any() else 80.0, 101)
        middle.set_ylabel(folded("held by 95 % intervals, %", 14))
        low.plot(dates(day), width, color=MODEL, lw=1.5)
        low.set_ylim(0, None)
        unit = str(seen["truth.unit"])
        low.set_ylabel(folded("their width" + ("" if unit in ("", "1") else f", {unit}"), 12))
        for axes in (top, middle, low):
            for alarm in alarms:
                axes.axvline(dates(np.array([alarm]))[0], color=ALARM, lw=1.4)
        calendar(low)
        handles = [Line2D([], [], color=ALARM, lw=1.0, ls=(0, (4, 2))), Line2D([], [], color=ALARM, lw=1.4)]
        legend(figure, handles[: 2 if len(alarms) else 1], ["alarm here", "alarm"][: 2 if len(alarms) else 1])
    years = threshold / 365.2425
    text = f"Above the dashed line the world has left what was learned (by chance at most once in {years:.0f} years). "
    text += "Below: coverage and width over the 60 days before."
    return Panel(figure, text, f"Evidence of a change of regime for {name}, sliding coverage and width of intervals.")


def watched(shown: Mapping[str, Array], fault: str, unit: str) -> Panel:
    """A stream with planted faults and the alarms."""
    day, value, planted, alarm = (shown[k] for k in ("day", "value", "planted", "alarm"))
    with hand():
        figure = sheet(2.7)
        axes = figure.add_subplot()
        band = axes.fill_between(dates(day), shown["low"], shown["high"], color=BAND, alpha=0.4, lw=0)
        (clean,) = axes.plot(dates(day), shown["clean"], color=INK, lw=0.8, ls=(0, (1, 1.4)))
        (line,) = axes.plot(dates(day), value, color=TRUTH, lw=1.1)
        (mark,) = axes.plot(dates(day[planted]), value[planted], color=MODEL, lw=0, marker="v", ms=8, mfc="none")
        (rings,) = axes.plot(dates(day[alarm]), value[alarm], color=ALARM, lw=0, marker="o", ms=6)
        calendar(axes)
        axes.set_ylabel(value_label(unit))
        legend(figure, [line, clean, band, mark, rings],
               ["as received", "without the fault", "95 % of the law", "fault begins", "alarm"])  # fmt: skip
    stated = {"spike": "A planted spike", "shift": "A planted shift of the level", "stuck": "A planted stuck sensor"}
    text = f"{stated.get(fault, fault)}: the law of each next day, and the alarms."
    return Panel(
        figure, text, f"{stated.get(fault, fault)} in a stream, with the forecaster's 95 % band and its alarms."
    )
