"""Graphs: nodes and edges, each with a type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.domains.likeness.alike import Likeness
from simulacra.kinds.base import Kind


class Graph(Kind):
    """A symmetric matrix a graph: a node's type on the diagonal, an edge's off it; the order of nodes is irrelevant."""

    discrete: ClassVar[bool] = True
    noun: ClassVar[str] = "graphs"
    shape: ClassVar[str] = (
        "(n, seats, seats), whole numbers: a node's type from 1 (0: no node), an edge's type (0: none)"
    )

    def fits(self, x: Array) -> bool:
        """Square matrices of whole numbers, symmetric, without edges to empty seats."""
        if x.ndim != 3 or x.shape[1] != x.shape[2] or x.dtype.kind not in "iu":
            return False
        here = np.diagonal(x, axis1=1, axis2=2) > 0
        loose = (x != 0) & ~(here[:, :, None] & here[:, None, :])
        return bool((x == x.swapaxes(1, 2)).all() and (x >= 0).all() and not loose.any())

    def likeness(self, x: Samples) -> Likeness:
        """Blind to the order of the nodes."""
        from simulacra.domains.likeness.same_graph import Graphs

        return Graphs()

    def alike(self, sets: Sequence[Samples]) -> list[Samples]:
        """In as many seats."""
        seats = max(x.array.shape[1] for x in sets)
        return [x.but(x=np.pad(x.array, [(0, 0), *[(0, seats - x.array.shape[1])] * 2])) for x in sets]

    def strangers(self, x: Samples, n: int, rng: np.random.Generator) -> Array:
        """Graphs with any edges between any nodes, of the sizes and types that there are."""
        some = x.array[rng.integers(len(x), size=n)].copy()
        seats = np.arange(some.shape[1])
        nodes = some[:, seats, seats].copy()
        upper = np.triu(rng.integers(0, some.max() + 1, some.shape) * (rng.random(some.shape) < 0.5), 1)
        here = nodes > 0
        edges = (upper + upper.swapaxes(1, 2)) * (here[:, :, None] & here[:, None, :])
        edges[:, seats, seats] = nodes
        return edges.astype(x.array.dtype)

    def example(self, n: int, rng: np.random.Generator) -> Samples:
        """Rings of six to ten nodes of two types, some with a chord."""
        x = np.zeros((n, 10, 10), dtype=np.int16)
        for graph in x:
            size = int(rng.integers(6, 11))
            ring = np.arange(size)
            graph[ring, (ring + 1) % size] = graph[(ring + 1) % size, ring] = 1
            if rng.random() < 0.5:
                graph[0, size // 2] = graph[size // 2, 0] = 2
            graph[ring, ring] = rng.integers(1, 3, size)
        return Samples.of(x, "graph", origin="rings, some with a chord")
