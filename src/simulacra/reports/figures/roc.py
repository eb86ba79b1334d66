"""How many odd samples each score finds, against the false alarms that it costs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simulacra.core.samples import Array
from simulacra.pictures.style import BAND, BASELINES, DASHES, MODEL, Panel, hand, legend, sheet


def panel(curves: Mapping[str, Array], own: int) -> Panel:
    """The ROC curve of each score.

    Args:
        curves: by the score's name, the shares of false alarms and of odd samples found, (2, k).
        own: how many of the first scores are the model's.
    """
    with hand():
        figure = sheet(3.9)
        axes = figure.add_subplot()
        axes.plot([0, 1], [0, 1], color=BAND, lw=1)
        lines = []
        for i, curve in enumerate(curves.values()):
            false, found = np.asarray(curve, dtype=float)
            other = i - own
            color = MODEL if other < 0 else BASELINES[other % len(BASELINES)]
            dash = ("-", (0, (3, 1)))[i % 2] if other < 0 else DASHES[(other + other // len(BASELINES)) % len(DASHES)]
            lines += axes.plot(false, found, color=color, ls=dash, lw=2.0 if other < 0 else 1.3)
        axes.set(xlim=(0, 1), ylim=(0, 1.005), aspect="equal")
        axes.set_xlabel("normal samples taken for odd, share")
        axes.set_ylabel("odd samples found, share")
        legend(figure, lines, list(curves))
    text = "The farther above the diagonal, which is guessing, the better a score separates."
    return Panel(figure, text, f"ROC curves of {', '.join(curves)}.")
