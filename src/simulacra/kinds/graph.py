"""Graphs: nodes and edges, each with a type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.core.writing import write_text
from simulacra.domains.graphs import matrices
from simulacra.domains.likeness.alike import Likeness
from simulacra.kinds.base import Kind


class Graph(Kind):
    """A symmetric matrix a graph: a node's type on the diagonal, an edge's off it; the order of nodes is irrelevant."""

    discrete: ClassVar[bool] = True
    noun: ClassVar[str] = "graphs"
    shape: ClassVar[str] = (
        "(n, seats, seats), whole numbers: a node's type from 1 (0: no node), an edge's type (0: none)"
    )
    chained: ClassVar[int] = 4
    frames: ClassVar[int] = 11
    written: ClassVar[dict[str, str]] = {
        ".graphml": "graphs, one after another in one file",
        ".g6": "graphs in graph6, one a line, without types",
    }
    read_by: ClassVar[dict[str, str]] = {".graphml": "graph_file", ".g6": "graph_file"}
    asked_by: ClassVar[dict[str, str]] = {".npz": "graph_file"}

    def fits(self, x: Array) -> bool:
        """Square matrices of whole numbers, symmetric, without edges to empty seats."""
        return matrices.fits(x)

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

    def write(self, x: Samples, path: Path) -> None:
        """GraphML, with the types of nodes and edges; or graph6, without."""
        from simulacra.domains.graphs.graphml import to_graph6, to_graphml  # it needs the extra

        names = [str(name) for name in x.id]
        write_text(path, to_graph6(x.array) if path.suffix == ".g6" else to_graphml(x.array, names))

    def tally(self, sets: Mapping[str, Samples], train: Samples | None) -> dict[str, Any]:
        """The distances by which graphs are published, beside those of the training set."""
        from simulacra.domains.graphs.tally import score_graphs

        return {"graphs": score_graphs(sets, train)}

    def example(self, n: int, rng: np.random.Generator) -> Samples:
        """Graphs of six to ten nodes of two types: rings with a chord, stars, two parts, dense ones, trees; in turn."""
        x = np.zeros((n, 10, 10), dtype=np.int16)
        for i, graph in enumerate(x):
            size = int(rng.integers(6, 11))
            _linked(graph, (_ring, _star, _parts, _dense, _tree)[i % 5](size, rng))
            at = np.arange(size)
            graph[at, at] = rng.integers(1, 3, size)
        return Samples.of(x, "graph", origin="rings with a chord, stars, two parts, dense graphs, trees")


def _linked(graph: Array, ends: Sequence[tuple[int, int]]) -> None:
    for place, (a, b) in enumerate(ends):
        graph[a, b] = graph[b, a] = 2 if place % 4 == 3 else 1


def _ring(size: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    chord = [(0, int(rng.integers(2, size - 1)))] if rng.random() < 0.7 else []
    return [*((i, (i + 1) % size) for i in range(size)), *chord]


def _star(size: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    return [*((0, i) for i in range(1, size)), *([(1, 2)] if rng.random() < 0.5 else [])]


def _parts(size: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    cut = int(rng.integers(1, size - 1))
    return [(i, i + 1) for i in range(size - 1) if i != cut - 1]


def _dense(size: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    return [(i, j) for i in range(size) for j in range(i + 1, size) if rng.random() < 0.7]


def _tree(size: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    return [(int(rng.integers(i)), i) for i in range(1, size)]
