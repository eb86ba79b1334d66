"""What is drawn near prototypes, by the scale of the noise."""

from __future__ import annotations

import numpy as np

from simulacra.core.samples import Array
from simulacra.pictures.style import BASELINES, INK, MODEL, Panel, hand, legend, sheet

NAMES = ("molecules", "different", "new", "similarity of the new ones")


def by_scale(scales: Array, shares: Array) -> Panel:
    """Four lines over the scale of the noise.

    Args:
        scales: of the noise, (K,).
        shares: of the strings that are molecules, different ones, and new ones; and the mean similarity, (K, 4).
    """
    with hand():
        figure = sheet(3.0)
        axes = figure.add_subplot()
        pens = zip((INK, BASELINES[0], MODEL, BASELINES[2]), ("-", "--", "-", ":"), NAMES, strict=True)
        lines = []
        for place, (color, dash, _) in enumerate(pens):
            lines += axes.plot(scales, shares[:, place], color=color, ls=dash, marker="o", ms=3)
        axes.set(xlabel="scale of the noise", ylabel="share; Tanimoto similarity", ylim=(0, 1.02))
        legend(figure, lines, list(NAMES))
    text = "Each point is a mean over prototypes; shares are of all strings drawn near one."
    return Panel(figure, text, f"Shares and similarity at {len(np.unique(scales))} scales of the noise.")
