"""How far outside chance: the distance that was observed, among distances between sets of one law."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simulacra.core.samples import Array
from simulacra.pictures.style import BAND, MODEL, TRUTH, Panel, hand, logarithmic, sheet


def panel(judge: Mapping[str, Array]) -> Panel | None:
    """The null distribution of one judge's distance with the observed value; None where the run kept none."""
    if "null" not in judge or "observed" not in judge:
        return None
    null = np.asarray(judge["null"], dtype=float).ravel()
    null = null[np.isfinite(null)]
    observed = float(np.asarray(judge["observed"]).ravel()[0])
    if null.size < 2 or not np.isfinite(observed):
        return None
    floor = float(np.median(null))
    if floor > 0:
        null, observed = null / floor, observed / floor
    with hand():
        figure = sheet(2.1)
        axes = figure.add_subplot()
        wide = floor > 0 and observed > 8 and float(null.min()) > 0
        low, high = float(null.min()), float(null.max())
        bins = np.geomspace(low, high * 1.0001, 31) if wide else np.linspace(low, high + 1e-9 * (1 + abs(high)), 31)
        counts, _ = np.histogram(null, bins)
        axes.stairs(counts / null.size, bins, fill=True, color=BAND, alpha=0.6)
        axes.stairs(counts / null.size, bins, color=TRUTH, lw=1)
        axes.axvline(observed, color=MODEL, lw=2.2)
        top = float(counts.max() / null.size)
        axes.set_ylim(0, top * 1.3)
        if wide:
            axes.set_xlim(min(0.5, low) * 0.9, observed * 1.8)
            logarithmic(axes, "x")
        else:
            room = max(high, observed) - low or 1.0  # all are alike where no relabeling changes anything
            axes.set_xlim(min(low, observed) - 0.06 * (high - low or 1.0), max(high, observed) + 0.12 * room)
        stated = f"{observed:.3g}" if observed >= 100 else f"{observed:#.2g}".rstrip(".")
        right = axes.transData.transform((observed, 0))[0] > axes.transAxes.transform((0.5, 0))[0]
        axes.annotate(
            f"{stated} × floor" if floor > 0 else stated, (observed, top * 1.2), (-7 if right else 7, 0),
            textcoords="offset points", color=MODEL, ha="right" if right else "left", va="center", weight="bold",
        )  # fmt: skip
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_xlabel("distance, in units of the noise floor" if floor > 0 else "distance")
    above = float((null >= observed).mean())
    text = "Gray: distances by chance, truth and model mixed and split anew many times. Line: the distance seen."
    return Panel(
        figure,
        text,
        f"The observed distance is {observed:.3g} noise floors; {above:.1%} of distances by chance reach it.",
    )
