"""Probabilities of an outcome: can they be believed, and for whom are they worth acting on."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simulacra.core.samples import Array
from simulacra.pictures.style import BAND, BASELINES, DASHES, INK, MARKS, MODEL, Panel, hand, legend, sheet

MODELS = ("AC-GAN",)


def pen(place: int, name: str) -> tuple[str, object, str]:
    """Color, dash and mark of a rule."""
    if name in MODELS:
        return MODEL, "-", "o"
    return BASELINES[place % len(BASELINES)], DASHES[place % len(DASHES)], MARKS[place % len(MARKS)]


def reliability(seen: Mapping[str, Array]) -> Panel:
    """What happened over what was said, in parts of equal size.

    Args:
        seen: rules, p.K, reliability.K of an exhibit.
    """
    with hand():
        figure = sheet(4.2)
        axes = figure.add_subplot()
        axes.plot([0, 1], [0, 1], color=BAND, lw=1)
        lines, names = [], []
        for k, name in enumerate(map(str, seen["rules"])):
            points = seen[f"reliability.{k}"]
            if np.ptp(seen[f"p.{k}"]) < 0.05:  # one probability for all is one point
                continue
            color, dash, mark = pen(k, name)
            lines += axes.plot(points[:, 0], points[:, 1], color=color, ls=dash, marker=mark, ms=4, lw=1.3)
            names.append(name)
        axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), aspect="equal")
        axes.set_xlabel("probability that was said, mean of a tenth of the records")
        axes.set_ylabel("share that had the outcome")
        legend(figure, lines, names)
    text = "On the gray line probabilities are right; a curve steeper than it is too timid, a flatter one too sure."
    return Panel(figure, text, f"Reliability of {', '.join(names)}.")


def decision(seen: Mapping[str, Array]) -> Panel:
    """Net benefit over the threshold from which on somebody would be treated.

    Args:
        seen: rules, thresholds, benefit.K, treat all of an exhibit.
    """
    t = np.asarray(seen["thresholds"])
    with hand():
        figure = sheet(3.6)
        axes = figure.add_subplot()
        lines, names = [], []
        for k, name in enumerate(map(str, seen["rules"])):
            if np.ptp(seen[f"p.{k}"]) < 0.05:
                continue
            color, dash, _ = pen(k, name)
            lines += axes.plot(t, seen[f"benefit.{k}"], color=color, ls=dash, lw=2.0 if name in MODELS else 1.3)
            names.append(name)
        lines += axes.plot(t, seen["treat all"], color=INK, lw=0.9, ls=":")
        axes.axhline(0, color=BAND, lw=1)
        top = float(np.asarray(seen["ill"]).mean())
        axes.set(xlim=(0, t[-1]), ylim=(-0.25 * top, 1.08 * top))
        axes.set_xlabel("probability from which on somebody is treated")
        axes.set_ylabel("net benefit, true positives a patient")
        legend(figure, lines, [*names, "treat everybody"])
    text = (
        "Above the gray line (treat nobody) and the dotted one (treat everybody) a rule is worth following at that "
        "threshold, which is the ratio of the harm of treating in vain to all harm."
    )
    return Panel(figure, text, f"Decision curves of {', '.join(names)}.")
