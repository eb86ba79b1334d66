"""Pictures of graphs: nodes as dots in the color of their type, laid out so that near ones are few edges apart."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from PIL import Image, ImageDraw

from simulacra.core.samples import Array, Samples
from simulacra.domains.graphs.matrices import here, linked
from simulacra.pictures.base import Scale

SIDE, TIMES = 176, 3  # pixels of a tile; drawn so many times as large and made smaller, which smooths its edges
PAPER = (247, 245, 239)
COLORS = ((60, 90, 160), (214, 120, 40), (70, 140, 80), (150, 60, 120), (110, 110, 110))
LINES = ((150, 150, 150), (60, 60, 60), (178, 24, 43), (40, 120, 160))
ROUNDS = 60
"""Rounds of the layout."""


def scale(*sets: Samples) -> Scale:
    """Graphs have no scale."""
    return Scale(0.0, 1.0, words="nodes in the color of their type, near where few edges lie between them")


def tiles(x: Array, scale: Scale) -> Array:
    """Each graph as a tile, (n, 176, 176, 3)."""
    if not len(x):
        return np.zeros((0, SIDE, SIDE, 3), np.uint8)
    return np.stack([_drawn(one) for one in x])


def layout(a: Float[np.ndarray, "k k"]) -> Float[np.ndarray, "k two"]:
    """Places of nodes in a plane whose distances are as near as can be to the number of edges between them.

    References:
        Graph drawing by stress majorization (Gansner et al., 2004), doi:10.1007/978-3-540-31843-9_25
    """
    from scipy.sparse.csgraph import shortest_path

    n = len(a)
    if n < 2:
        return np.zeros((n, 2))
    far = shortest_path(a, directed=False, unweighted=True)
    most = float(far[np.isfinite(far)].max(initial=1.0))
    far = np.where(np.isfinite(far), far, most + 1.5)  # parts lie side by side
    middle = np.eye(n) - 1 / n
    value, vector = np.linalg.eigh(-middle @ far**2 @ middle / 2)
    x = vector[:, -2:] * np.sqrt(np.maximum(value[-2:], 1e-6))
    x = x + 1e-3 * np.random.default_rng(0).standard_normal(x.shape)
    weight = 1 / np.where(far > 0, far, 1.0) ** 2 * (1 - np.eye(n))
    laplacian = np.diag(weight.sum(axis=1)) - weight
    inverse = np.linalg.pinv(laplacian)
    for _ in range(ROUNDS):
        gap = np.linalg.norm(x[:, None] - x, axis=2)
        pull = weight * far / np.maximum(gap, 1e-6)
        x = inverse @ ((np.diag(pull.sum(axis=1)) - pull) @ x)
    return np.asarray(x)


def _drawn(one: Array) -> Array:
    there = here(one[None])[0]
    graph = one[np.ix_(there, there)]
    side = SIDE * TIMES
    image = Image.new("RGB", (side, side), PAPER)
    pen = ImageDraw.Draw(image)
    at = layout(linked(graph[None])[0])
    if len(at):
        at = at - (at.max(axis=0) + at.min(axis=0)) / 2
        at = side / 2 + at * (0.44 * side / max(float(np.abs(at).max()), 1e-6))
    radius = side * float(np.clip(0.16 / np.sqrt(max(len(at), 1)), 0.008, 0.03))
    for a, b in zip(*np.nonzero(np.triu(graph, 1)), strict=True):
        color = LINES[(int(graph[a, b]) - 1) % len(LINES)]
        pen.line([tuple(at[a]), tuple(at[b])], fill=color, width=max(2, round(radius / 3)))
    for place, kind in zip(at, np.diagonal(graph), strict=True):
        x, y = place
        pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=COLORS[(int(kind) - 1) % len(COLORS)])
    return np.asarray(image.resize((SIDE, SIDE), Image.Resampling.LANCZOS))
