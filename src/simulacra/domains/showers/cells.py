"""What is measured of a calorimeter shower: its energy by layers and rings, where it lies, how many cells it lights."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array, Samples

KINDS = ("shower", "polar_shower")
"""Cells (n, layers, rows, columns) of a square grid, and (n, layers, angles, radii) about the particle's line."""
CHUNK = 2**23  # numbers at a time: bounds memory
GEV = 1000.0  # MeV


def places(x: Samples) -> tuple[Array, Array]:
    """The middle of each cell of a layer about that of the layer, in cells, flattened: two coordinates."""
    _, rows, columns = shape_of(x)
    if x.kind == "polar_shower":
        angle = 2 * np.pi * (np.arange(rows) + 0.5) / rows
        radius = np.arange(columns) + 0.5
        return np.outer(np.cos(angle), radius).ravel(), np.outer(np.sin(angle), radius).ravel()
    down, right = np.meshgrid(np.arange(rows) - (rows - 1) / 2, np.arange(columns) - (columns - 1) / 2, indexing="ij")
    return down.ravel(), right.ravel()


def shape_of(x: Samples) -> tuple[int, int, int]:
    """Layers, rows and columns; an error where samples have no cells."""
    if x.kind not in KINDS or x.array.ndim != 4:
        raise BadInput(
            "these are no showers in cells", f"kind {x.kind!r}, {x.array.shape}", "give (n, layers, rows, columns)"
        )
    return x.array.shape[1], x.array.shape[2], x.array.shape[3]


def chunks(x: Samples) -> Iterator[tuple[slice, Float[np.ndarray, "n layers cells"]]]:
    """The cells of some showers at a time, float64, a layer's flattened."""
    layers, rows, columns = shape_of(x)
    step = max(1, CHUNK // (layers * rows * columns))
    for start in range(0, len(x), step):
        at = slice(start, start + step)
        yield at, x.array[at].reshape(-1, layers, rows * columns).astype(np.float64)


def weighed(x: Samples, weights: Float[np.ndarray, "cells k"]) -> Float[np.ndarray, "n layers k"]:
    """Sums over the cells of each layer, each energy times a weight of its cell's place."""
    found = np.empty((len(x), shape_of(x)[0], weights.shape[1]))
    for at, cells in chunks(x):
        found[at] = cells @ weights
    return found


def layer_energies(x: Samples) -> Float[np.ndarray, "n layers"]:
    """Energy in each layer, in the cells' unit."""
    _, rows, columns = shape_of(x)
    return np.asarray(weighed(x, np.ones((rows * columns, 1)))[:, :, 0])


def incident(x: Samples) -> Float[np.ndarray, " n"]:
    """Energy of each particle in MeV where it is known in GeV; else 1 for all."""
    known = x.given.get("energy")
    return np.ones(len(x)) if known is None else GEV * np.asarray(known, dtype=float)


def moments(x: Samples) -> tuple[Float[np.ndarray, "n layers"], ...]:
    """Energy, both coordinates of its center and its width in each layer, in cells; 0 where a layer is dark."""
    a, b = places(x)
    sums = weighed(x, np.stack([np.ones(len(a)), a, b, a**2 + b**2], axis=1))
    energy = sums[:, :, 0]
    over = np.where(energy > 0, energy, 1.0)
    center_a, center_b = sums[:, :, 1] / over, sums[:, :, 2] / over
    # half of the mean square distance: the width along one direction
    width = np.sqrt(np.maximum(sums[:, :, 3] / over - center_a**2 - center_b**2, 0.0) / 2)
    return energy, center_a, center_b, width


def rings(x: Samples, most: int) -> tuple[Array, Array]:
    """Which ring about the middle each cell of a layer lies in, and the rings' mean radii, in cells.

    Rings are a cell wide, and beyond `most` - 1 all is one.
    """
    a, b = places(x)
    radius = np.hypot(a, b)
    shift = 0.0 if x.kind == "polar_shower" else 0.5
    which = np.minimum(np.floor(radius + shift), most - 1).astype(int)
    which = np.unique(which, return_inverse=True)[1]
    return which, np.array([radius[which == k].mean() for k in range(which.max() + 1)])


def ring_energies(x: Samples, most: int) -> Float[np.ndarray, "n layers rings"]:
    """Energy in each ring of each layer, in the cells' unit."""
    which, _ = rings(x, most)
    return weighed(x, np.eye(which.max() + 1)[which])


def lit(x: Samples) -> Float[np.ndarray, "n layers"]:
    """The share of each layer's cells in which anything was read."""
    found = np.empty((len(x), shape_of(x)[0]))
    for at, cells in chunks(x):
        found[at] = (cells > 0).mean(axis=2)
    return found


def spectrum(x: Samples, edges: Float[np.ndarray, " k"]) -> Float[np.ndarray, "n bins"]:
    """How many cells of each shower have a logarithm of their energy between neighboring edges."""
    found = np.zeros((len(x), len(edges) - 1))
    for at, cells in chunks(x):
        flat = cells.reshape(len(cells), -1)
        who, where = np.nonzero(flat > 0)
        place = np.clip(np.searchsorted(edges, np.log10(flat[who, where]), "right") - 1, 0, len(edges) - 2)
        n = len(cells)
        found[at] = np.bincount(who * (len(edges) - 1) + place, minlength=n * (len(edges) - 1)).reshape(n, -1)
    return found


def features(x: Samples) -> Float[np.ndarray, "n features"]:
    """All of these in one row: what a classifier on high-level features sees.

    Logarithm of the particle's energy, response, the layers' energies (log10), centers, widths, brightest cells and
    shares of lit cells, rings over all layers, and the cells' spectrum.
    """
    energy, a, b, width = moments(x)
    whole = energy.sum(axis=1, keepdims=True)
    brightest = np.concatenate([cells.max(axis=2) for _, cells in chunks(x)])
    radial = ring_energies(x, 9).sum(axis=1) / np.maximum(whole, 1e-9)
    cells = spectrum(x, np.linspace(0.5, 5.0, 19))
    parts = [
        np.log10(incident(x))[:, None],
        whole / incident(x)[:, None],
        np.log10(np.maximum(energy, 1.0)),
        *(a, b, width),
        np.log10(np.maximum(brightest, 1.0)),
        *(lit(x), radial, cells),
    ]
    return np.concatenate(parts, axis=1)


def cascades(n: int, rng: np.random.Generator) -> Float[np.ndarray, "n 6 7 7"]:
    """Made showers that differ in energy and depth, MeV in cells about the middle, the faint ones dark: for trials."""
    depth, place = np.arange(6), np.arange(7) - 3
    energy, center = rng.lognormal(8.5, 0.8, (n, 1, 1, 1)), rng.normal(2.0, 0.5, (n, 1, 1, 1))
    along = np.exp(-0.5 * (depth[:, None, None] - center) ** 2)
    across = np.exp(-np.hypot(place[:, None], place[None, :]) / (0.6 + 0.15 * depth[:, None, None]))
    x = energy * along * across * rng.gamma(2.0, 0.5, (n, 6, 7, 7))
    return np.where(x > 3.2, x, 0).astype(np.float32)
