"""Latent features by what they hold."""

from __future__ import annotations

import numpy as np

from simulacra.core.samples import Array
from simulacra.pictures.style import BAND, INK, MODEL, Panel, hand, legend, sheet


def by_feature(divergence: Array, variance: Array, free: float, active: float) -> Panel:
    """A bar a feature, the fullest first: its divergence from the prior; and a dot: the variance of its mean.

    Args:
        divergence: nats of each feature.
        variance: of each feature's mean over molecules.
        free: nats that cost nothing in training.
        active: a variance above which a feature counts as active.
    """
    order = np.argsort(-divergence, kind="stable")
    places = np.arange(len(order))
    with hand():
        figure = sheet(2.9)
        axes = figure.add_subplot()
        bars = axes.bar(places, divergence[order], color=BAND, width=0.8)
        (dots,) = axes.plot(places, variance[order], ".", color=MODEL, ms=4)
        lines = [axes.axhline(free, color=INK, lw=0.9, ls="--"), axes.axhline(active, color=MODEL, lw=0.9, ls=":")]
        axes.set(yscale="log", xlabel="latent feature, the fullest first", ylabel="nats; variance")
        names = ["divergence from the prior", "variance of the mean", "free in training", "active above"]
        legend(figure, [bars, dots, *lines], names)
    text = "A feature that the decoder does without has no divergence, and a mean that is the same for all molecules."
    return Panel(figure, text, f"Divergence and variance of {len(order)} latent features.")
