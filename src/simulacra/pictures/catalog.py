"""Pictures of catalogues: each source as it would look through a telescope, and panels of colors and of sizes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.ticker import NullFormatter

from simulacra.core.samples import Array, Samples
from simulacra.domains.photometry.brightness import PER_MAGNITUDE
from simulacra.domains.photometry.catalog_rows import COLORS, MAGNITUDE, RADIUS, RATIO, stars
from simulacra.domains.photometry.light_profiles import GAUSSIANS
from simulacra.pictures.base import Scale
from simulacra.pictures.style import Panel, hand, layers, legend, sheet

SIDE, PIXEL, SEEING = 56, 0.18, 0.35
"""Pixels of a tile; arc seconds of a pixel; standard deviation of the air's blur, arc seconds."""
MOST = 1500
"""Points of a set in a panel."""


def scale(*sets: Samples) -> Scale:
    """All sources are seen through the same telescope."""
    words = (
        f"each source as it would look without noise, {SIDE * PIXEL:.0f} arc seconds a side; red, green and blue are "
        "the bands i, r and g; brightness is compressed"
    )
    return Scale(0.0, 1.0, words=words)


def tiles(x: Array, scale: Scale) -> Array:
    """Each source as a small color picture."""
    if not len(x):
        return np.zeros((0, SIDE, SIDE, 3), np.uint8)
    light = np.stack([_light(row) for row in np.asarray(x, dtype=np.float64)])
    r = np.exp((22.5 - x[:, MAGNITUDE]) / PER_MAGNITUDE)
    gr, ri = x[:, COLORS.start + 1], x[:, COLORS.start + 2]
    flux = np.stack([r * np.exp(ri / PER_MAGNITUDE), r, r * np.exp(-gr / PER_MAGNITUDE)], axis=1)
    bands = light[..., None] * flux[:, None, None, :] * np.array([0.75, 1.0, 1.7])
    mean = bands.mean(axis=-1, keepdims=True)
    shown = bands * np.arcsinh(40 * mean) / np.maximum(5.5 * mean, 1e-12)
    shown /= np.maximum(shown.max(axis=-1, keepdims=True), 1.0)
    return np.asarray(255 * np.clip(shown, 0, 1), dtype=np.uint8)


def _light(row: Array) -> Array:
    """The light of one source of unit flux, blurred by the air."""
    rows, columns = np.indices((SIDE, SIDE)) * PIXEL - (SIDE - 1) / 2 * PIXEL
    air = SEEING**2
    if np.isnan(row[RADIUS]):
        parts = [(1.0, air, 0.0, air)]
    else:
        radius, ratio, angle, share = row[RADIUS:]
        turn, size = np.radians(2 * angle), -np.log(ratio)
        even, odd = np.cosh(size), np.sinh(size)
        xx, xy, yy = even + odd * np.cos(turn), odd * np.sin(turn), even - odd * np.cos(turn)
        wide = [(radius**2 * v * xx + air, radius**2 * v * xy, radius**2 * v * yy + air) for _, _, v in GAUSSIANS]
        given = [(share if law > 0.5 else 1 - share) * weight for law, weight, _ in GAUSSIANS]
        parts = [(w, *c) for w, c in zip(given, wide, strict=True)]
    out = np.zeros((SIDE, SIDE))
    for weight, xx, xy, yy in parts:
        det = xx * yy - xy * xy
        square = (yy * columns**2 - 2 * xy * columns * rows + xx * rows**2) / det
        out += weight * np.exp(-0.5 * square) / (2 * np.pi * np.sqrt(det))
    return out


def panels(sets: Mapping[str, Samples]) -> list[Panel]:
    """Two colors of stars and of galaxies, size and shape of galaxies over magnitude: sets over one another."""
    rows = {name: x.array[:MOST].astype(np.float64) for name, x in sets.items()}
    ug, gr, ri = COLORS.start, COLORS.start + 1, COLORS.start + 2
    wanted = (
        ("Color–color, stars", True, gr, ug, "g − r, mag", "u − g, mag"),
        ("Color–color, galaxies", False, gr, ri, "g − r, mag", "r − i, mag"),
        ("Magnitude–size, galaxies", False, MAGNITUDE, RADIUS, "r, mag", "half-light radius, arcsec"),
        ("Magnitude–shape, galaxies", False, MAGNITUDE, RATIO, "r, mag", "axis ratio"),
    )
    return [_panel(rows, *one) for one in wanted if any((stars(x) == one[1]).any() for x in rows.values())]


def _panel(rows: Mapping[str, Array], title: str, star: bool, across: int, up: int, below: str, aside: str) -> Panel:
    with hand():
        figure = sheet(3.4)
        axes = figure.add_subplot()
        handles, names, seen = [], [], []
        for name, pen in layers(list(rows)).items():
            some = rows[name][stars(rows[name]) == star]
            dots: dict[str, Any] = {"c": pen.color, "marker": pen.mark, "s": 10, "alpha": 0.55, "linewidths": 0}
            handles.append(axes.scatter(some[:, across], some[:, up], rasterized=len(some) > 400, **dots))
            names.append(f"{name}, {len(some):,}")
            seen += [some] if name == "truth" else []
        axes.set_xlabel(below)
        axes.set_ylabel(aside)
        if up == RADIUS:
            axes.set_yscale("log")
            axes.yaxis.set_major_formatter("{x:g}")
            axes.yaxis.set_minor_formatter(NullFormatter())
        for some in seen:
            if len(some) > 10:
                _frame(axes.set_xlim, some[:, across], False)
                _frame(axes.set_ylim, some[:, up], up == RADIUS)
        legend(figure, handles, names)
    return Panel(
        figure, f"{title}: one dot a source.", f"{title}: {aside} over {below}, a dot for each source of each set"
    )


def _frame(limit: object, values: Array, log: bool) -> None:
    """From the truth's lowest to its highest, with room; what lies beyond is cut."""
    low, high = (float(v) for v in np.quantile(np.log(values) if log else values, [0.005, 0.995]))
    room = 0.35 * (high - low) or 0.5
    low, high = low - room, high + room
    limit(*(np.exp((low, high)) if log else (low, high)))  # type: ignore[operator]
