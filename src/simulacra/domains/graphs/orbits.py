"""Orbits: in which places of small subgraphs a node stands, counted by matrices instead of by enumeration.

There are fifteen ways to stand in a connected induced subgraph of two to four nodes: at the end or in the middle of a
path, in the center of a star, on a square … Subgraphs that need not be induced are counted first, by walks and
triangles; those that lie in denser ones are then taken away, densest first.

References:
    Biological network comparison using graphlet degree distribution (Pržulj, 2007), doi:10.1093/bioinformatics/btl301
    A combinatorial approach to graphlet counting (Hočevar & Demšar, 2014), doi:10.1093/bioinformatics/btt717
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

ORBITS = (
    "edge", "path of 3, end", "path of 3, middle", "triangle", "path of 4, end", "path of 4, middle", "star, leaf",
    "star, center", "square", "paw, leaf", "paw, far corner", "paw, center", "diamond, tip", "diamond, waist",
    "complete 4",
)  # fmt: skip
"""Places in induced subgraphs, in the order in which the field numbers them."""


def orbits(a: Float[np.ndarray, "k k"]) -> Float[np.ndarray, "k orbits"]:
    """How often each node stands in each place.

    Args:
        a: 1 where there is an edge, symmetric, 0 on the diagonal.
    """
    d = a.sum(axis=1)
    two = a @ a
    shared = a * two  # triangles upon each edge
    off = two - np.diag(d)
    t = shared.sum(axis=1) / 2
    n4, n5 = off @ (d - 1) - 2 * t, (d - 1) * (a @ (d - 1)) - 2 * t
    n6, n7 = a @ ((d - 1) * (d - 2) / 2), d * (d - 1) * (d - 2) / 6
    n8 = (off * (off - 1) / 2).sum(axis=1)
    n9, n10, n11 = a @ t - shared.sum(axis=1), shared @ (d - 2), t * (d - 2)
    n12 = ((a @ (shared - a)) * a).sum(axis=1) / 2
    n13 = (shared * (shared - 1) / 2).sum(axis=1)
    o14 = _complete(a)
    o13, o12 = n13 - 3 * o14, n12 - 3 * o14
    o11, o10, o9 = n11 - 2 * o13 - 3 * o14, n10 - 2 * o12 - 2 * o13 - 6 * o14, n9 - 2 * o12 - 3 * o14
    o8 = n8 - o12 - o13 - 3 * o14
    o7, o6 = n7 - o11 - o13 - o14, n6 - o9 - o10 - 2 * o12 - o13 - 3 * o14
    o5 = n5 - 2 * o8 - 2 * o11 - o10 - 2 * o12 - 4 * o13 - 6 * o14
    o4 = n4 - 2 * o8 - 2 * o9 - o10 - 4 * o12 - 2 * o13 - 6 * o14
    found = [d, off.sum(axis=1) - 2 * t, d * (d - 1) / 2 - t, t, o4, o5, o6, o7, o8, o9, o10, o11, o12, o13, o14]
    return np.stack(found, axis=1)


def _complete(a: Float[np.ndarray, "k k"]) -> Float[np.ndarray, " k"]:
    """How many complete subgraphs of four nodes each node belongs to: triangles among its neighbors."""
    found = np.zeros(len(a))
    for i, row in enumerate(a):
        near = np.flatnonzero(row)
        if len(near) > 2:
            among = a[np.ix_(near, near)]
            found[i] = ((among @ among) * among).sum() / 6
    return found
