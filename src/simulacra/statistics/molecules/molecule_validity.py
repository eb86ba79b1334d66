"""Validity of molecules in space: possible valences, and one piece."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.molecules import molecule_graphs
from simulacra.statistics.base import Axis
from simulacra.statistics.molecules.stability import pulled


@dataclass(frozen=True)
class MoleculeValidity:
    """1 where RDKit finds the valences of a molecule possible, and 1 where its bonds hold it in one piece, else 0.

    Bonds are given by distance. Valences that are not used up count as hydrogens that are not there: only an atom with
    too many bonds makes a molecule invalid, and `stability` asks for more.
    """

    accepts: ClassVar[tuple[str, ...]] = ("molecule",)
    defect: ClassVar[str] = "{amount:.1%} of the molecules with an atom torn off"
    amounts: ClassVar[tuple[float, ...]] = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 2"]:
        """Two numbers a molecule."""
        found = molecule_graphs.graphs(x.array)
        return np.column_stack([found.valid, found.connected]).astype(np.float64)

    def axis(self, x: Samples) -> Axis:
        """Yes or no, by name."""
        return Axis("yes (1) or no (0)", "is", "1", ("valid", "one piece"))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """This share of the molecules with the last atom 5 Å farther out; always the same ones."""
        return x.but(x=pulled(x, amount, 5.0))
