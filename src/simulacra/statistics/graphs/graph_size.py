"""Sizes of graphs: how many nodes and edges they have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.graphs.matrices import sizes
from simulacra.domains.graphs.moved import nodes_lost
from simulacra.domains.graphs.structure import edge_counts
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class GraphSize:
    """Nodes and edges of each graph."""

    accepts: ClassVar[tuple[str, ...]] = ("graph", "molecule_graph")
    defect: ClassVar[str] = "{amount:.0%} of the graphs without a third of their nodes"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n two"]:
        """Two numbers a graph."""
        return np.stack([sizes(x.array), edge_counts(x.array)], axis=1).astype(np.float64)

    def axis(self, x: Samples) -> Axis:
        """Counts."""
        return Axis("count in a graph", "part", "1", ("nodes", "edges"))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """This share of the graphs without the last third of their nodes; always the same ones."""
        return x.but(x=nodes_lost(x.array, amount))
