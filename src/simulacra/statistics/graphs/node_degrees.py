"""Degrees of graphs: which share of the nodes has so many neighbors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.graphs.moved import edges_moved
from simulacra.domains.graphs.structure import degrees, each, shares
from simulacra.statistics.base import Axis

MOST = 8
"""Degrees from here on are counted together."""


@dataclass(frozen=True)
class NodeDegrees:
    """Share of each graph's nodes with 0, 1, … 7 neighbors, and with 8 or more."""

    accepts: ClassVar[tuple[str, ...]] = ("graph",)
    defect: ClassVar[str] = "{amount:.0%} of the edges moved to other nodes"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n degrees"]:
        """Shares, one row a graph."""
        bounds = np.array([*np.arange(MOST + 1) - 0.5, np.inf])
        return shares(each(x.array, degrees), bounds)

    def axis(self, x: Samples) -> Axis:
        """Shares, by degree."""
        return Axis("share of the nodes", "neighbors of a node", "1", (*map(str, range(MOST)), f"{MOST} or more"))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """This share of each graph's edges between nodes that had none; always the same ones."""
        return x.but(x=edges_moved(x.array, amount))
