"""Planarity: which graphs can be drawn in a plane without edges that cross."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.graphs.moved import five_linked
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class Planarity:
    """1 for a planar graph, 0 for another. Needs the extra "graphs"."""

    accepts: ClassVar[tuple[str, ...]] = ("graph",)
    defect: ClassVar[str] = "{amount:.0%} of the graphs with all edges between five of their nodes"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 1"]:
        """One number a graph."""
        from simulacra.domains.graphs.planar import planar  # it needs the extra

        return planar(x.array)[:, None].astype(np.float64)

    def axis(self, x: Samples) -> Axis:
        """One number a graph, without unit."""
        return Axis("planar (1) or not (0)")

    def perturb(self, x: Samples, amount: float) -> Samples:
        """This share of the graphs with five of their nodes all linked, which no plane holds; always the same ones."""
        return x.but(x=five_linked(x.array, amount))
