"""Which graphs can be drawn in a plane without two edges that cross."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool

from simulacra.core.errors import extra
from simulacra.core.samples import Array
from simulacra.domains.graphs.structure import each

with extra("graphs"):
    import networkx


def planar(x: Array) -> Bool[np.ndarray, " n"]:
    """Whether each graph is planar.

    References:
        Planarity algorithms via PQ-trees, left-right planarity test (de Fraysseix & Rosenstiehl, 1982)
    """
    return np.array([_planar(a) for a in each(x, np.asarray, "testing planarity")], dtype=bool)


def _planar(a: Array) -> bool:
    nodes, edges = len(a), int(a.sum() / 2)
    if nodes >= 3 and edges > 3 * nodes - 6:  # Euler's bound
        return False
    return bool(networkx.check_planarity(networkx.from_numpy_array(a))[0])
