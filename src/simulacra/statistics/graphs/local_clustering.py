"""Clustering of graphs: how often the neighbors of a node are neighbors of each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.graphs.moved import edges_moved
from simulacra.domains.graphs.structure import clustering, each, shares
from simulacra.statistics.base import Axis

BOUNDS = (0.0, 1e-9, 0.34, 0.67, 1.1)
"""Between which a node's coefficient is counted together: none, up to a third, up to two thirds, more."""


@dataclass(frozen=True)
class LocalClustering:
    """Mean local coefficient of each graph, and the shares of nodes with none, little, middling and much.

    References:
        Collective dynamics of "small-world" networks (Watts & Strogatz, 1998), doi:10.1038/30918
    """

    accepts: ClassVar[tuple[str, ...]] = ("graph", "molecule_graph")
    defect: ClassVar[str] = "{amount:.0%} of the edges moved to other nodes"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n five"]:
        """Mean and shares, one row a graph."""
        rows = each(x.array, clustering)
        mean = np.array([row.mean() if len(row) else 0.0 for row in rows])
        return np.concatenate([mean[:, None], shares(rows, np.array(BOUNDS))], axis=1)

    def axis(self, x: Samples) -> Axis:
        """The mean, then shares of the nodes."""
        return Axis(
            "mean coefficient, or share of the nodes",
            "local clustering",
            "1",
            ("mean", "0", "to 1/3", "to 2/3", "above"),
        )

    def perturb(self, x: Samples, amount: float) -> Samples:
        """This share of each graph's edges between nodes that had none; always the same ones."""
        return x.but(x=edges_moved(x.array, amount))
