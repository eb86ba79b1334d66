"""Planar graphs: triangulations of random points of a square."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.graphs.matrices import KIND, shuffled


@dataclass(frozen=True)
class PlanarGraphs:
    """Delaunay triangulations of points drawn evenly from a square: connected, planar, hard to imitate.

    Args:
        nodes: of each graph; published are sets of 64.

    References:
        SPECTRE: spectral conditioning helps to overcome the expressivity limits of one-shot graph generators (Martinkus
        et al., 2022), arXiv:2204.01613
    """

    kind: ClassVar[str] = "graph"

    nodes: int = 64

    def __post_init__(self) -> None:
        if not 4 <= self.nodes <= 2000:
            raise BadInput("a triangulation has 4 to 2,000 nodes here", f"nodes={self.nodes}", "take nodes=64")

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """n graphs, (n, nodes, nodes), in an order of nodes that says nothing."""
        from scipy.spatial import Delaunay

        x = np.zeros((n, self.nodes, self.nodes), dtype=np.int16)
        for graph in x:
            corners = Delaunay(rng.random((self.nodes, 2))).simplices
            for a, b in ((0, 1), (1, 2), (2, 0)):
                graph[corners[:, a], corners[:, b]] = graph[corners[:, b], corners[:, a]] = 1
            np.fill_diagonal(graph, 1)
        return Samples.of(shuffled(x, rng), KIND, "1", repr(self))
