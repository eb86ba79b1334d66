"""A property asked for against the property obtained, and what was drawn at a ladder of asked values."""

from __future__ import annotations

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.pictures.base import common, of
from simulacra.pictures.style import BAND, INK, MODEL, WIDTH, Panel, hand, legend, sheet, short

DOTS = 900  # of each kind, at most
BINS = 8
WIDER = 0.05  # of the span, on both sides


def scatter(name: str, unit: str, asked: Array, truth: Array, obtained: Array, sound: Array) -> Panel:
    """Each draw as a dot, with the line on which it should lie.

    Args:
        name: of the property.
        unit: of it.
        asked: values, (n,).
        truth: what the regressor reads of the true molecules of these values, (n,).
        obtained: what it reads of the draws, (repeats, n).
        sound: which draws are valid and of one piece, (repeats, n).
    """
    values = np.broadcast_to(asked, obtained.shape)
    shown = np.concatenate([asked, np.quantile(obtained, [0.01, 0.99])])
    low, high = shown.min(), shown.max()
    low, high = low - WIDER * (high - low), high + WIDER * (high - low)
    words = f"{name}{'' if unit == '1' else f' ({unit})'}"
    with hand():
        figure = sheet(4.3)
        axes = figure.add_subplot()
        grid = [axes.plot(asked[:DOTS], truth[:DOTS], ".", color=BAND, ms=3.5, zorder=1)[0]]
        for good, mark, fill in ((False, "o", "none"), (True, "o", MODEL)):
            at = sound == good
            grid += axes.plot(
                values[at][:DOTS],
                obtained[at][:DOTS],
                mark,
                ms=3.2,
                mfc=fill,
                mec=MODEL,
                mew=0.6,
                alpha=0.75,
                zorder=2 + good,
            )
        middle, typical = _medians(values.ravel(), obtained.ravel())
        grid += axes.plot(middle, typical, color="#b07d12", lw=2.2, zorder=5)
        grid += axes.plot([low, high], [low, high], color=INK, lw=1.0, zorder=4)
        axes.set(xlim=(low, high), ylim=(low, high), aspect="equal")
        axes.set_xlabel(f"{words} asked for")
        axes.set_ylabel(f"{words} that the regressor reads")
        names = [
            "true molecules",
            "drawn, not valid or in pieces",
            "drawn, valid and whole",
            "drawn, median",
            "as asked",
        ]
        legend(figure, grid, names)
    beyond = float(((obtained < low) | (obtained > high)).mean())
    outside = f" {beyond:.1%} of the draws lie outside of the picture." if beyond else ""
    text = f"A dot is a molecule; if all were as asked they would lie on the line, as near as true ones do.{outside}"
    return Panel(figure, text, f"{words} asked against obtained")


def _medians(asked: Array, obtained: Array) -> tuple[Array, Array]:
    """The median of what is obtained in bins of as many draws by what is asked."""
    parts = [some for some in np.array_split(np.argsort(asked, kind="stable"), BINS) if len(some)]
    return np.array([np.median(asked[p]) for p in parts]), np.array([np.median(obtained[p]) for p in parts])


def ladder(name: str, unit: str, rungs: Array, drawn: Samples, read: Array, whole: Array) -> Panel:
    """A row of molecules for each asked value, as they came, each with what the regressor reads of it.

    Args:
        name: of the property.
        unit: of it.
        rungs: asked values, (rungs,).
        drawn: molecules, rung by rung.
        read: the regressor's values, (rungs, each).
        whole: which are valid and of one piece, (rungs, each).
    """
    rows, columns = read.shape
    flat = of(drawn.kind).tiles(drawn.array, common([drawn]))
    tiles = flat.reshape(rows, columns, *flat.shape[1:])
    words = "" if unit == "1" else f" {unit}"
    with hand():
        figure = sheet(0.3 + 1.32 * rows, WIDTH * 1.9)
        axes = figure.subplots(rows, columns, squeeze=False)
        for i in range(rows):
            for j in range(columns):
                axes[i, j].axis("off")
                axes[i, j].imshow(tiles[i, j], interpolation="nearest")
                text = f"{short(float(read[i, j]))}{words}"
                axes[i, j].set_title(text if whole[i, j] else f"({text})", fontsize=9, pad=2)
            axes[i, 0].text(
                -0.08, 0.5, f"{short(float(rungs[i]))}{words}", transform=axes[i, 0].transAxes, ha="right", va="center"
            )
    text = (
        f"A row for each asked value, {short(float(rungs[0]))} to {short(float(rungs[-1]))}{words}: the first "
        f"{columns} draws, none left out. Above each what the regressor reads of it; in brackets where the molecule is "
        "not valid or in pieces, of which no regressor has learned."
    )
    return Panel(figure, text, f"Molecules drawn at {rows} values of {name}")
