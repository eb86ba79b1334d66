"""Profiles of showers with the ratio below, and how linear and how sharp the energy is that they read."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simulacra.core.samples import Array
from simulacra.pictures.style import INK, MODEL, TRUTH, Panel, hand, legend, logarithmic, sheet

PENS = {"truth": (TRUTH, "s"), "model": (MODEL, "o")}


def profile(bands: Mapping[str, Array], label: str, first: float, step: float = 1.0) -> Panel:
    """The mean share of the energy at each place, above; the model's over the truth's, below.

    Args:
        bands: of truth and model: mean and its standard error, (2, places).
        label: of the places.
        first: the first place.
        step: to the next.
    """
    with hand():
        figure = sheet(4.0)
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=[2, 1])
        handles = []
        at = first + step * np.arange(bands["truth"].shape[1])
        for name, (color, mark) in PENS.items():
            mean, error = bands[name]
            kept = mean > 0
            handles.append(
                above.errorbar(at[kept], mean[kept], error[kept], color=color, marker=mark, ms=3, lw=1.3, capsize=1.5)
            )
        logarithmic(above, "y")
        above.set_ylabel("share of the energy")
        (true, true_error), (made, made_error) = bands["truth"], bands["model"]
        kept = true > 0
        ratio = made[kept] / true[kept]
        error = ratio * np.hypot(true_error[kept] / true[kept], made_error[kept] / np.maximum(made[kept], 1e-12))
        below.axhspan(0.95, 1.05, color="#9aa3ad", alpha=0.3, lw=0)
        below.axhline(1, color=INK, lw=0.8)
        below.errorbar(at[kept], ratio, error, color=MODEL, marker="o", ms=3, lw=1.3, capsize=1.5)
        reach = max(0.1, 1.2 * float(np.abs(ratio - 1).max()))
        below.set_ylim(1 - min(reach, 0.6), 1 + min(reach, 0.6))
        below.set_ylabel("model / truth")
        below.set_xlabel(label)
        legend(figure, handles, list(PENS))
    text = "Means over all showers, with standard errors. The gray band is ±5 %."
    return Panel(figure, text, f"Share of the energy against {label} for truth and model, and their ratio.")


def linearity(curves: Mapping[str, Array]) -> Panel:
    """Mean response and relative resolution against the particle's energy.

    Args:
        curves: of truth and model: rows of energy in GeV, response, its error, resolution, its error.
    """
    with hand():
        figure = sheet(4.2)
        above, below = figure.subplots(2, 1, sharex=True)
        handles = []
        for i, (name, (color, mark)) in enumerate(PENS.items()):
            energy, response, error, wide, wide_error = np.asarray(curves[name]).T
            x = energy * (1 + 0.02 * i)  # aside, so that bars do not hide one another
            handles.append(above.errorbar(x, response, error, color=color, marker=mark, ms=4, lw=1.2, capsize=2))
            below.errorbar(x, 100 * wide, 100 * wide_error, color=color, marker=mark, ms=4, lw=1.2, capsize=2)
        logarithmic(below, "x")
        above.set_ylabel("energy read over\nthe particle's")
        below.set_ylabel("resolution, %")
        below.set_ylim(bottom=0)
        below.set_xlabel("energy of the particle, GeV")
        legend(figure, handles, list(PENS))
    text = (
        "Mean and spread of the response in bins of energy, with standard errors. A sampling calorimeter's spread "
        "falls as c/√E, until what leaks out behind takes over."
    )
    return Panel(figure, text, "Mean response and resolution against the particle's energy for truth and model.")
