"""Fluxes, magnitudes and colors; what a source's numbers are called."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from jaxtyping import Float

NANOMAGGY = 22.5
"""Magnitude of a flux of 1 nanomaggy (3.631e-6 Jy)."""
PER_MAGNITUDE = 2.5 / np.log(10)
"""Magnitudes to a unit of the natural logarithm of flux."""
SDSS = ("u", "g", "r", "i", "z")


def magnitude(log_flux: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    """Of the natural logarithm of a flux in nanomaggies.

    >>> magnitude(np.log(np.array([1.0, 100.0])))
    array([22.5, 17.5])
    """
    return np.asarray(NANOMAGGY - PER_MAGNITUDE * log_flux)


def reference(bands: tuple[str, ...]) -> str:
    """The band whose magnitude is reported beside the colors: r where there is one, else the middle one."""
    return "r" if "r" in bands else bands[len(bands) // 2]


def reported(
    numbers: Float[np.ndarray, "n d"], bands: tuple[str, ...], scale: float
) -> dict[str, Float[np.ndarray, " n"]]:
    """What a catalogue says of draws of a source's numbers, by column.

    Args:
        numbers: x, y, for galaxies logit of de Vaucouleurs' share, log half-light radius, u1, u2; log flux by band.
        bands: their names.
        scale: arc seconds a pixel.
    """
    spot = numbers.shape[1] - len(bands)
    out = {"x": numbers[:, 0], "y": numbers[:, 1]}
    spread = {band: magnitude(numbers[:, spot + k]) for k, band in enumerate(bands)}
    out[f"mag_{reference(bands)}"] = spread[reference(bands)]
    for blue, red in pairwise(bands):
        out[f"color_{blue}{red}"] = spread[blue] - spread[red]
    if spot > 2:
        size = np.hypot(numbers[:, 4], numbers[:, 5])
        out["dev_share"] = 1 / (1 + np.exp(-numbers[:, 2]))
        out["radius"] = np.exp(numbers[:, 3]) * scale
        out["u1"], out["u2"] = numbers[:, 4], numbers[:, 5]
        out["axis_ratio"] = np.exp(-size)
        out["angle"] = np.degrees(0.5 * np.arctan2(numbers[:, 5], numbers[:, 4]))
    return out
