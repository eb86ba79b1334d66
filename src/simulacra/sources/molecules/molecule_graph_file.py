"""Molecules of a file by their bonds alone: strings, or an SDF's atoms and bonds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from simulacra.core.errors import BadInput
from simulacra.core.left import Left
from simulacra.core.paths import as_path
from simulacra.core.samples import Samples
from simulacra.domains.molecules.atom_codes import KIND
from simulacra.sources.molecules.smiles_file import LISTS, TABLES, SmilesFile

NONE = "that are no molecule"


@dataclass(frozen=True)
class MoleculeGraphFile:
    """The molecules of a file as graphs (n, seats, seats) of kind "molecule_graph".

    Stereochemistry is left aside, and aromatic rings alternate (Kekulé). What RDKit takes for no molecule is left out,
    counted and named.

    Args:
        path: .sdf, .smi, .smiles, .txt, .csv or .tsv; lists and tables may end in .gz.
        hydrogens: whether these are atoms of the graphs, also those that were implied.
        largest: molecules of more atoms are left aside.
        key: the column of a table, where it has another header than SMILES.
    """

    kind: ClassVar[str] = "molecule_graph"

    path: Path
    hydrogens: bool = False
    largest: int = 64
    key: str = ""

    def __post_init__(self) -> None:
        as_path(self, "path")
        if self.largest < 1:
            raise BadInput("a molecule has an atom at least", f"largest={self.largest}", "take largest=64")
        if not self.path.name.lower().endswith((".sdf", *LISTS, *TABLES)):
            raise BadInput(
                "graphs of molecules are not read from such a file", str(self.path), "name an .sdf, .smi or .csv"
            )

    def read(self) -> Samples:
        """All molecules that are any, in the order of the file."""
        from simulacra.domains.graphs.matrices import padded
        from simulacra.domains.molecules.matrix_molecules import matrix, molecules_of_sdf, molecules_of_strings

        if not self.path.is_file():
            raise BadInput("there is no such file", str(self.path), "check the path")
        if self.path.suffix.lower() == ".sdf":
            found, names = molecules_of_sdf(self.path)
        else:
            texts = SmilesFile(self.path, self.key).read()
            found, names = molecules_of_strings(texts.array), [str(name) for name in texts.id]
        whole = [None if one is None else matrix(one, self.hydrogens) for one in found]
        bad = sum(one is None for one in whole)
        large = sum(one is not None and len(one) > self.largest for one in whole)
        good = [i for i, one in enumerate(whole) if one is not None and len(one) <= self.largest]
        if not good:
            raise BadInput("the file holds no molecule that can be used", str(self.path), "name another file")
        kept = [names[i] for i in good]
        out = {NONE: bad} if bad else {}
        said = [f"{large:,} of more than {self.largest} atoms left aside"] if large else []
        made = Samples.of(
            padded([one for i in good if (one := whole[i]) is not None]),
            KIND,
            "1",
            "; ".join([str(self.path), *(f"{n:,} left out: {reason}" for reason, n in out.items()), *said]),
            None,
            kept if len(set(kept)) == len(kept) else [str(i) for i in good],
        )
        return replace(made, left=Left(out, len(whole), said=tuple(said)))
