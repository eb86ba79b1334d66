"""Graphs of communities: edges are likely within a block of nodes, and rare between blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.graphs.matrices import KIND, linked, padded, shuffled

TRIES = 1000
"""Graphs that are drawn for one that is connected, at most."""


@dataclass(frozen=True)
class StochasticBlocks:
    """The stochastic block model, connected graphs alone: numbers and sizes of blocks are drawn evenly.

    The defaults are the published set "SBM"; blocks=2, fewest=6, most=10, inside=0.7, between=0.05 resembles the
    published small communities.

    Args:
        least: blocks of a graph at least.
        blocks: blocks of a graph at most.
        fewest: nodes of a block at least.
        most: nodes of a block at most.
        inside: chance of an edge between two nodes of a block.
        between: chance of an edge between two nodes of two blocks.

    References:
        Stochastic blockmodels: first steps (Holland et al., 1983), doi:10.1016/0378-8733(83)90021-7
        SPECTRE: spectral conditioning helps to overcome the expressivity limits of one-shot graph generators (Martinkus
        et al., 2022), arXiv:2204.01613
    """

    kind: ClassVar[str] = "graph"

    least: int = 2
    blocks: int = 5
    fewest: int = 20
    most: int = 40
    inside: float = 0.3
    between: float = 0.005

    def __post_init__(self) -> None:
        if not 1 <= self.least <= self.blocks or not 1 <= self.fewest <= self.most:
            raise BadInput(
                "a graph has a block at least, and a block a node",
                f"least={self.least}, blocks={self.blocks}, fewest={self.fewest}, most={self.most}",
                "take least=2, blocks=5, fewest=20, most=40",
            )
        if not (0 < self.inside <= 1 and 0 < self.between <= 1):
            raise BadInput(
                "chances of edges lie above 0 and up to 1",
                f"inside={self.inside}, between={self.between}",
                "take inside=0.3, between=0.005",
            )

    @property
    def seats(self) -> int:
        """Nodes of the largest graph."""
        return self.blocks * self.most

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """n graphs, (n, seats, seats), in an order of nodes that says nothing."""
        found = padded([self._one(rng) for _ in range(n)], self.seats)
        return Samples.of(shuffled(found, rng), KIND, "1", repr(self))

    def _one(self, rng: np.random.Generator) -> np.ndarray:
        from scipy.sparse.csgraph import connected_components

        for _ in range(TRIES):
            sizes = rng.integers(self.fewest, self.most + 1, rng.integers(self.least, self.blocks + 1))
            block = np.repeat(np.arange(len(sizes)), sizes)
            chance = np.where(block[:, None] == block, self.inside, self.between)
            upper = np.triu(rng.random(chance.shape) < chance, 1)
            x = (upper | upper.T | np.eye(len(block), dtype=bool)).astype(np.int16)
            if connected_components(linked(x[None])[0], directed=False)[0] == 1:
                return x
        raise BadInput("these settings give no connected graphs", repr(self), "raise inside or between")
