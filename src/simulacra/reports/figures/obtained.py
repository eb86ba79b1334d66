"""Properties that were asked of strings, each alone, against those that came."""

from __future__ import annotations

import numpy as np

from simulacra.core.samples import Array
from simulacra.pictures.style import BAND, INK, MODEL, WIDTH, Panel, hand, legend, sheet


def rungs(seen: dict[str, Array]) -> Panel:
    """The middle half and the middle nine tenths of what came at each asked value, with the line of what was asked.

    Args:
        seen: "names", "units", "rungs" (P, R) as asked, "alone" (P, R, E) as obtained, NaN where a draw is no molecule,
            and "free" (n, P), of draws without a wish.
    """
    names = [str(name) for name in seen["names"]]
    with hand():
        figure = sheet(5.6, WIDTH * 1.5)
        axes = figure.subplots(2, (len(names) + 1) // 2, squeeze=False).ravel()
        for k, name in enumerate(names):
            axis, asked, came = axes[k], seen["rungs"][k], seen["alone"][k]
            low, high = np.nanquantile(seen["free"][:, k], [0.05, 0.95])
            band = axis.axhspan(low, high, color=BAND, alpha=0.25, lw=0)
            wide = np.nanquantile(came, [0.05, 0.25, 0.5, 0.75, 0.95], axis=1)
            (line,) = axis.plot(asked, asked, color=INK, lw=1.0)
            tails = axis.vlines(asked, wide[0], wide[4], color=MODEL, lw=1.4)
            middle = axis.vlines(asked, wide[1], wide[3], color=MODEL, lw=6)
            axis.plot(asked, wide[2], "o", color="white", mec=MODEL, ms=4)
            unit = str(seen["units"][k])
            axis.set(xlabel=f"{name} asked for{'' if unit == '1' else f', {unit}'}", ylabel="obtained")
        for axis in axes[len(names) :]:
            axis.axis("off")
        words = ["as asked", "half of the draws", "nine tenths", "nine tenths without a wish"]
        legend(figure, [line, middle, tails, band], words)
    text = "Each property asked alone at five values; a white dot is the median of the draws that are molecules."
    return Panel(figure, text, f"Obtained against asked: {', '.join(names)}")
