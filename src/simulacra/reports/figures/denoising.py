"""Denoised traces as figures: noisy, true and recovered; spectra; and efficiency against signal-to-noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from simulacra.core.samples import Array
from simulacra.pictures.style import (
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
    logarithmic,
    sheet,
)  # fmt: skip

NEAR = 60  # samples around the true peak in a close view


def overlaid(seen: Mapping[str, Array]) -> Panel:
    """Whole traces, each with its true signal and what the model recovers from it."""
    rate, unit, snr = float(seen["rate"]), str(seen["unit"]), np.asarray(seen["snr"])
    time = np.arange(seen["trace"].shape[1]) / rate
    with hand():
        figure = sheet(1.0 + 1.25 * len(snr))
        rows = np.atleast_1d(figure.subplots(len(snr), 1, sharex=True))
        for k, axes in enumerate(rows):
            (noisy,) = axes.plot(time, seen["trace"][k], color=BAND, lw=0.7)
            (true,) = axes.plot(time, seen["signal"][k], color=TRUTH, lw=1.2)
            (model,) = axes.plot(time, seen["model"][k], color=MODEL, lw=1.2)
            axes.set_title(f"ratio {snr[k]:.1f}", loc="left", pad=2, fontsize=9)
        rows[-1].set_xlabel("time, µs")
        figure.supylabel(_field(unit), fontsize=10)
        legend(figure, [noisy, true, model], ["recorded", "true signal", "recovered by the model"])
    text = "For each ratio the trace that comes nearest to it, whatever became of it."
    return Panel(figure, text, f"{len(snr)} traces with their true and recovered signals.")


def close(seen: Mapping[str, Array]) -> Panel:
    """The same near the true peak, with the best classical filter."""
    rate, unit, snr, best = float(seen["rate"]), str(seen["unit"]), np.asarray(seen["snr"]), str(seen["best"])
    with hand():
        figure = sheet(1.0 + 1.25 * len(snr))
        rows = np.atleast_1d(figure.subplots(len(snr), 1, sharex=True))
        for k, axes in enumerate(rows):
            top = int(np.abs(seen["signal"][k]).argmax())
            at = np.arange(max(0, top - NEAR), min(len(seen["signal"][k]), top + NEAR + 1))
            time = 1e3 * (at - top) / rate
            (noisy,) = axes.plot(time, seen["trace"][k][at], color=BAND, lw=0.7)
            (true,) = axes.plot(time, seen["signal"][k][at], color=TRUTH, lw=1.8)
            (other,) = axes.plot(time, seen["filter"][k][at], color=BASELINES[0], lw=1.3, ls=DASHES[0])
            (model,) = axes.plot(time, seen["model"][k][at], color=MODEL, lw=1.4)
            axes.set_title(f"ratio {snr[k]:.1f}", loc="left", pad=2, fontsize=9)
        rows[-1].set_xlabel("time from the true peak, ns")
        figure.supylabel(_field(unit), fontsize=10)
        legend(figure, [noisy, true, model, other], ["recorded", "true signal", "recovered by the model", best])
    text = (
        f"The same traces near the true peak; the {best} is the classical filter that puts most peaks in their place."
    )
    return Panel(figure, text, f"{len(snr)} pulses: recorded, true, recovered by the model and by the {best}.")


def spectra(seen: Mapping[str, Array]) -> Panel:
    """Spectra of one trace and of many: recorded, true, recovered."""
    unit, best, clear = str(seen["unit"]), str(seen["best"]), float(seen["clear"])
    titles = {
        "one": f"one trace, signal-to-noise {float(seen['snr'][0]):.1f}",
        "many": f"root mean power of all traces above {clear:g}",
    }
    with hand():
        figure = sheet(5.2)
        for axes, (which, title) in zip(figure.subplots(2, 1, sharex=True), titles.items(), strict=True):
            styles: dict[str, dict[str, Any]] = {
                "trace": {"color": BAND, "lw": 0.9},
                "signal": {"color": TRUTH, "lw": 1.8},
                "filter": {"color": BASELINES[0], "lw": 1.2, "ls": DASHES[0]},
                "model": {"color": MODEL, "lw": 1.4},
            }
            handles = {
                name: axes.plot(seen["frequency"], np.maximum(seen[f"{which}.{name}"], 1e-12), **style)[0]
                for name, style in styles.items()
            }
            top = max(float(seen[f"{which}.{name}"].max()) for name in styles)
            axes.set_ylim(top / 3e3, 1.5 * top)
            logarithmic(axes, "y")
            axes.set_title(title, loc="left", pad=2)
        axes.set_xlabel("frequency, MHz")
        figure.supylabel("amplitude" + ("" if unit == "1" else f", {unit}") + " per √MHz", fontsize=10)
        order = ["trace", "signal", "model", "filter"]
        legend(figure, [handles[n] for n in order], ["recorded", "true signal", "recovered by the model", best])
    text = "Transmitters stand out as lines in what was recorded; they should be gone from what was recovered."
    return Panel(figure, text, "Amplitude spectra of recorded, true and recovered signals.")


def by_ratio(methods: Mapping[str, Any], key: str, label: str, caption: str) -> Panel:
    """A share with its intervals against the ratio, for every method: peaks in their place, pulses detected."""
    with hand():
        figure = sheet(3.6)
        axes = figure.add_subplot()
        handles = []
        for i, (name, stated) in enumerate(methods.items()):
            rows = [row for row in stated["rows"][:-1] if row["n"]]
            x = np.array([np.sqrt(row["low"] * row["high"]) for row in rows]) * 1.012 ** (i - len(methods) / 2)
            y, low, high = (np.array([row[key][k] for row in rows]) for k in ("value", "low", "high"))
            first = name == "model"
            color = MODEL if first else BASELINES[(i - 1) % len(BASELINES)]
            handles.append(
                axes.errorbar(
                    x, 100 * y, yerr=100 * np.clip([y - low, high - y], 0, None), color=color,
                    ls="-" if first else DASHES[(i - 1) % len(DASHES)], marker="o" if first else MARKS[(i - 1) % 4],
                    ms=4, lw=2.0 if first else 1.2, capsize=2,
                )
            )  # fmt: skip
        _ratios(axes, next(iter(methods.values()))["rows"])
        axes.set_ylim(0, 101)
        axes.set_ylabel(folded(label, 30))
        legend(figure, handles, list(methods))
    return Panel(figure, caption, f"{label} against signal-to-noise for {', '.join(methods)}.")


def deviations(methods: Mapping[str, Any], key: str) -> Panel:
    """Bias and resolution of amplitude or energy against the ratio, for every method."""
    with hand():
        figure = sheet(4.6)
        top, low = figure.subplots(2, 1, sharex=True)
        handles = []
        for i, (name, stated) in enumerate(methods.items()):
            rows = [row for row in stated["rows"][:-1] if row["n"]]
            x = [np.sqrt(row["low"] * row["high"]) for row in rows]
            first = name == "model"
            style: dict[str, Any] = {
                "color": MODEL if first else BASELINES[(i - 1) % len(BASELINES)],
                "ls": "-" if first else DASHES[(i - 1) % len(DASHES)],
                "marker": "o" if first else MARKS[(i - 1) % 4],
                "ms": 4,
                "lw": 2.0 if first else 1.2,
            }
            handles += top.plot(x, [100 * row[key]["bias"] for row in rows], **style)
            low.plot(x, [100 * row[key]["resolution"] for row in rows], **style)
        top.axhline(0, color=INK, lw=0.8)
        top.set_ylim(-105, 205)
        low.set_ylim(0, 155)
        top.set_ylabel("bias, %")
        low.set_ylabel("resolution, %")
        _ratios(low, next(iter(methods.values()))["rows"])
        legend(figure, handles, list(methods))
    text = f"{key.capitalize()}: the median of the relative deviation, and half of the span of its middle 68 %."
    return Panel(figure, f"{text} What lies beyond the scale is in the table.", text)


def _ratios(axes: Axes, rows: Sequence[Mapping[str, Any]]) -> None:
    edges = [float(rows[0]["low"]), *(float(row["high"]) for row in rows[:-1])]
    axes.set_xscale("log")
    axes.set_xticks(edges, [f"{edge:g}" for edge in edges])
    axes.minorticks_off()
    axes.set_xlabel("signal-to-noise ratio")


def _field(unit: str) -> str:
    return "field" + ("" if unit == "1" else f", {unit}")
