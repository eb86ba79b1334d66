"""Baseline for graphs: the sizes and the numbers of edges of the training set, and chance for the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.graphs.moved import edges_moved_by


@dataclass(frozen=True)
class RandomGraphs:
    """Training graphs whose edges are thrown anew between any of their nodes (Erdős–Rényi, with a fixed number).

    Args:
        train: what they are taken from.
    """

    kind: ClassVar[str] = "graph"

    train: Samples

    def __repr__(self) -> str:
        return f"RandomGraphs({len(self.train)} graphs of {self.train.origin})"

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """n graphs, each with the nodes and as many edges as a training graph."""
        chosen = self.train.array[rng.integers(len(self.train), size=n)]
        return Samples.of(edges_moved_by(chosen, rng), self.train.kind, str(self.train.unit), repr(self))


def random_graphs(train: Samples) -> RandomGraphs:
    """As many nodes and edges as in the training graphs, each edge anywhere."""
    if train.kind not in ("graph", "molecule_graph"):
        raise BadInput("edges are thrown anew in graphs alone", f"samples of kind {train.kind!r}", "give graphs")
    return RandomGraphs(train)
