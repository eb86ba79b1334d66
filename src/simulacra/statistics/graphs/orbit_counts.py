"""Orbit counts of graphs: in which places of small subgraphs their nodes stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.graphs.moved import edges_moved
from simulacra.domains.graphs.orbits import ORBITS, orbits
from simulacra.domains.graphs.structure import each
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class OrbitCounts:
    r"""$\log(1 + \text{mean})$ of how often a node stands in each of the places of `domains/graphs/orbits.py`."""

    accepts: ClassVar[tuple[str, ...]] = ("graph", "molecule_graph")
    defect: ClassVar[str] = "{amount:.0%} of the edges moved to other nodes"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n orbits"]:
        """One row a graph."""
        rows = each(x.array, orbits, "counting orbits")
        mean = [row.mean(axis=0) if len(row) else np.zeros(len(ORBITS)) for row in rows]
        return np.asarray(np.log1p(np.array(mean)))

    def axis(self, x: Samples) -> Axis:
        """By place."""
        return Axis("log(1 + mean count of a node)", "place in a subgraph", "1", ORBITS)

    def perturb(self, x: Samples, amount: float) -> Samples:
        """This share of each graph's edges between nodes that had none; always the same ones."""
        return x.but(x=edges_moved(x.array, amount))
