"""Rings of molecular graphs: how many of each size, how many aromatic, how many fused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.graphs.moved import replaced
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class GraphRings:
    """Rings of 3, 4, 5, 6, and 7 or more atoms, aromatic rings, and rings that share a bond with another.

    Rings are those of a smallest set. A molecule of impossible valences has no count: the test leaves it out, and the
    verdict's note says how many; how many there are is what the judge `graph_validity` compares.
    """

    accepts: ClassVar[tuple[str, ...]] = ("molecule_graph",)
    skips: ClassVar[str] = "molecules of impossible valences"
    defect: ClassVar[str] = "{amount:.0%} of the molecules drawn from the quarter with most rings alone"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n kinds"]:
        """The counts of each molecule; NaN where valences are impossible."""
        from simulacra.domains.molecules.matrix_measures import rings  # it needs the extra

        return rings(x.array)

    def axis(self, x: Samples) -> Axis:
        """Counts, by sort of ring."""
        from simulacra.domains.molecules.matrix_measures import RINGS

        return Axis("rings in a molecule", "ring", "1", RINGS)

    def perturb(self, x: Samples, amount: float) -> Samples:
        """This share of the molecules replaced by others of the set, of those with most rings; always the same ones."""
        from simulacra.domains.molecules.matrix_measures import rings

        return x.but(x=replaced(x.array, rings(x.array)[:, :5].sum(axis=1), amount))
