"""A curve learned from a few points, as in the textbook figures: red points, a red line, a band of two sigma."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simulacra.core.samples import Array
from simulacra.pictures.style import BASELINES, INK, MODEL, TRUTH, Panel, hand, legend, sheet
from simulacra.reports.figures.forecast import calendar, dates, value_label

RED = "#c0272d"


def regression(shown: Mapping[str, Array], title: str = "") -> Panel:
    """Points that were conditioned on, the mean, two standard deviations, and the truth.

    Args:
        shown: day (T,), mean (T,), sd (T,), observed_day (n,), observed (n,), truth (T,), unit; of an exhibit.
        title: of the series.
    """
    day, mean, sd = shown["day"], shown["mean"], shown["sd"]
    with hand():
        figure = sheet(3.1)
        axes = figure.add_subplot()
        band = axes.fill_between(dates(day), mean - 2 * sd, mean + 2 * sd, color=RED, alpha=0.16, lw=0)
        (truth,) = axes.plot(dates(day), shown["truth"], color=TRUTH, lw=0.9)
        (line,) = axes.plot(dates(day), mean, color=RED, lw=1.8)
        (dots,) = axes.plot(dates(shown["observed_day"]), shown["observed"], color=RED, lw=0, marker="o", ms=3.5)
        calendar(axes)
        axes.set_ylabel(value_label(str(shown.get("unit", "1"))))
        if title:
            axes.set_title(title, fontsize=9)
        names = ["truth", "given to the model", "posterior mean", "two standard deviations"]
        legend(figure, [truth, dots, line, band], names)
    held = np.isfinite(shown["truth"]) & ~np.isin(day, shown["observed_day"])
    inside = np.abs(shown["truth"] - mean)[held] <= 2 * sd[held]
    share = f"{100 * inside.mean():.0f} % of the other days lie within the band; " if held.any() else ""
    text = f"Red points were given, no others. {share}about 95 % should, where it is the band of values to come."
    return Panel(
        figure, text, "Gaussian process regression: conditioned points, posterior mean, two-sigma band, truth."
    )


def draws(shown: Mapping[str, Array]) -> Panel:
    """Ten draws from the prior above, ten from the posterior below.

    Args:
        shown: day (T,), prior (10, T), posterior (10, T), observed_day (n,), observed (n,), unit; of an exhibit.
    """
    day = shown["day"]
    with hand():
        figure = sheet(4.6)
        above, below = figure.subplots(2, 1, sharex=True)
        hues = (MODEL, *BASELINES, INK)
        for axes, key, stated in ((above, "prior", "before any data"), (below, "posterior", "after the red points")):
            for i, row in enumerate(shown[key]):
                axes.plot(dates(day), row, color=hues[i % len(hues)], lw=0.9, alpha=0.75)
            axes.set_title(f"{len(shown[key])} draws {stated}", fontsize=9)
        (dots,) = below.plot(
            dates(shown["observed_day"]), shown["observed"], color=RED, lw=0, marker="o", ms=3.5, zorder=5
        )
        calendar(below)
        figure.supylabel(value_label(str(shown.get("unit", "1"))), fontsize=10)
        legend(figure, [dots], ["given to the model"])
    text = "What the model holds possible: above from its kernel alone, below once it has seen the red points."
    return Panel(figure, text, "Draws from the prior and from the posterior of a Gaussian process.")


def functions(shown: Mapping[str, Array]) -> Panel:
    """Functions of a Gaussian process before anything is known.

    Args:
        shown: x (T,) and drawn (10, T); of an exhibit.
    """
    with hand():
        figure = sheet(3.1)
        axes = figure.add_subplot()
        hues = (MODEL, *BASELINES, INK)
        for i, row in enumerate(shown["drawn"]):
            axes.plot(shown["x"], row, color=hues[i % len(hues)], lw=1.1, alpha=0.8)
        axes.axhline(1.0, color=INK, lw=0.7, ls=":")
        axes.set_xlabel("x")
        axes.set_ylabel("f(x)")
    count, points = shown["drawn"].shape
    text = f"{count} functions of a squared-exponential kernel about a mean of 1 (dotted), {points} points each."
    return Panel(figure, text, "Functions drawn from the prior of a Gaussian process.")
