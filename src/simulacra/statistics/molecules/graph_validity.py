"""Validity of molecular graphs: which ones are molecules at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.graphs.matrices import edges
from simulacra.domains.graphs.moved import some_of
from simulacra.statistics.base import Axis

FLUORINE, HELIUM = 9, 2


@dataclass(frozen=True)
class GraphValidity:
    """Whether RDKit finds a graph's valences and aromaticity possible, and whether it is of one piece besides.

    Published validity is the first: a graph of several pieces passes it.
    """

    accepts: ClassVar[tuple[str, ...]] = ("molecule_graph",)
    defect: ClassVar[str] = "{amount:.1%} of the molecules with an atom of too many bonds"
    amounts: ClassVar[tuple[float, ...]] = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n two"]:
        """Two numbers a molecule, 0 or 1."""
        from simulacra.domains.molecules.matrix_molecules import spelled  # it needs the extra

        found = spelled(x.array)
        return np.stack([found.valid, found.valid & found.connected], axis=1).astype(np.float64)

    def axis(self, x: Samples) -> Axis:
        """Two shares."""
        return Axis("yes (1) or no (0)", "what is asked", "1", ("valid", "valid and of one piece"))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """This share of the molecules with the atom of most bonds become one that may not have as many."""
        out = x.array.copy()
        total = edges(out).sum(axis=2)
        for i in some_of(len(x), amount):
            worst = int(total[i].argmax())
            out[i, worst, worst] = FLUORINE if total[i, worst] > 1 else HELIUM
        return x.but(x=out)
