"""Connectedness: whether a graph is of one part, and into how many it falls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.graphs.moved import nodes_cut_off
from simulacra.domains.graphs.structure import parts
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class Connectedness:
    """1 for a graph of one connected part, else 0; and the number of parts."""

    accepts: ClassVar[tuple[str, ...]] = ("graph", "molecule_graph")
    defect: ClassVar[str] = "{amount:.0%} of the graphs with a node cut off"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n two"]:
        """Two numbers a graph."""
        found = parts(x.array).astype(np.float64)
        return np.stack([(found == 1).astype(np.float64), found], axis=1)

    def axis(self, x: Samples) -> Axis:
        """The share and the number."""
        return Axis("of one part (1) or not (0), and number of parts", "connectedness", "1", ("of one part", "parts"))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """This share of the graphs with their last node cut off; always the same ones."""
        return x.but(x=nodes_cut_off(x.array, amount))
