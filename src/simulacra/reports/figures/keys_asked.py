"""A property asked for against what a regressor reads of the keys that were drawn."""

from __future__ import annotations

import numpy as np

from simulacra.core.samples import Array
from simulacra.pictures.style import BAND, INK, MODEL, Panel, hand, legend, sheet

DOTS = 800


def scatter(name: str, unit: str, asked: Array, truth: Array, obtained: Array) -> Panel:
    """Each draw as a dot, with the line on which it should lie.

    Args:
        name: of the property.
        unit: of it.
        asked: values, (n,).
        truth: what the regressor reads of the true keys of these values, (n,).
        obtained: what it reads of the draws, (n,).
    """
    words = f"{name}{'' if unit == '1' else f' ({unit})'}"
    low, high = np.quantile(np.concatenate([asked, obtained]), [0.002, 0.998])
    with hand():
        figure = sheet(3.6)
        axes = figure.add_subplot()
        lines = axes.plot(asked[:DOTS], truth[:DOTS], ".", color=BAND, ms=3.5)
        lines += axes.plot(asked[:DOTS], obtained[:DOTS], ".", color=MODEL, ms=3, alpha=0.7)
        lines += axes.plot([low, high], [low, high], color=INK, lw=1.0)
        axes.set(xlim=(low, high), ylim=(low, high), aspect="equal")
        axes.set_xlabel(f"{words} asked for")
        axes.set_ylabel(f"{words} that the regressor reads")
        legend(figure, lines, ["true keys", "drawn", "as asked"])
    return Panel(figure, "A dot is a molecule's keys; as near as true ones lie.", f"{words} asked against obtained")
