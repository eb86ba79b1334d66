"""Small organic molecules grown by program, as graphs: for where no data are at hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.molecules.atom_codes import KIND


@dataclass(frozen=True)
class GrownGraphs:
    """All molecules of C, N, O and H that grow to so many heavy atoms, as graphs of kind "molecule_graph".

    Args:
        heavy: atoms beside hydrogens, at most; of six there are about 3,000 molecules.
        hydrogens: whether these are atoms of the graphs.
    """

    kind: ClassVar[str] = "molecule_graph"

    heavy: int = 6
    hydrogens: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.heavy <= 8:
            raise BadInput("molecules are grown to 1 to 8 heavy atoms", f"heavy={self.heavy}", "take heavy=6")

    def read(self) -> Samples:
        """All of them, sorted by their SMILES."""
        from simulacra.domains.molecules.grown_molecules import grown  # it needs the extra
        from simulacra.domains.molecules.matrix_molecules import matrices_of

        texts = grown(self.heavy)
        x, _ = matrices_of(texts, self.hydrogens)
        return Samples.of(x, KIND, "1", repr(self), None, list(texts))
