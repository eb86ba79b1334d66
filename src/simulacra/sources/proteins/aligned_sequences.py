"""Aligned sequences as they stand in a file, all columns of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.proteins.alignments import read_alignment
from simulacra.domains.proteins.residues import KIND, UNKNOWN, encoded, unit_of


@dataclass(frozen=True)
class AlignedSequences:
    """Texts of one length, (n,) of kind "sequence"; `FamilyFile` keeps to the columns of a query instead.

    Letters are made upper case, "." is a gap; sequences with a letter that is no residue are left out and counted.

    Args:
        path: .a2m, .a3m, .fasta, .sto or .aln; may end in .gz.
    """

    path: Path

    def read(self) -> Samples:
        """All sequences."""
        found = read_alignment(self.path)
        texts = np.char.replace(np.array([row.upper() for row in found.rows], dtype=np.str_), ".", "-")
        whole = Samples.of(texts, KIND, "1", str(self.path))
        unit = unit_of(whole)
        if unit == "nucleotide":
            whole = whole.but(x=np.char.replace(whole.array, "T", "U"))
        legal = (encoded(whole.array, unit) != UNKNOWN).all(axis=1)
        if not legal.any():
            raise BadInput(
                "every sequence holds a letter that is no residue",
                str(self.path),
                "keep to the twenty, or to A, C, G, U",
            )
        note = f"; {int((~legal).sum()):,} with letters that are no residue left out" if not legal.all() else ""
        return whole[legal].but(unit=unit, origin=f"{self.path}{note}")
