"""When two molecules given by their bonds are the same: by the one string that spells both."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from jaxtyping import Float, Int

from simulacra.core.samples import Array
from simulacra.domains.likeness.same_molecule import Molecules
from simulacra.domains.molecules.matrix_molecules import measured, of_key, smiles


class Bonds:
    """Molecules (n, seats, seats) by their SMILES: blind to the order of atoms and to which bonds of a ring are double.

    One of impossible valences is like itself alone, in any order of its atoms that is the same after sorting.
    """

    blind: ClassVar[str] = "the order of the atoms"

    def ready(self, x: Array) -> Array:
        """The one spelling of each; of what has none its sorted atoms and bonds."""
        broken = measured("reading molecules", x, _named)
        return np.array([one or other for one, other in zip(smiles(x), broken, strict=True)], dtype=np.str_)

    def sketches(self, x: Array) -> list[Float[np.ndarray, "n k"]]:
        """Fingerprints of circular surroundings."""
        return Molecules().sketches(x)

    def apart(self, x: Array, y: Array, version: Int[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
        """Euclidean distance of the fingerprints, at least 1 for two that are not the same."""
        return Molecules().apart(x, y, version)


def _named(one: bytes) -> str:
    """Atoms with their bonds, sorted: the same in every order."""
    graph = of_key(one)
    code = np.diagonal(graph)
    around = [sorted((int(code[j]), int(row[j])) for j in np.flatnonzero(row) if j != i) for i, row in enumerate(graph)]
    return "broken " + " ".join(sorted(f"{int(c)}{bonds}" for c, bonds in zip(code, around, strict=True)))
