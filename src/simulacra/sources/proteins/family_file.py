"""A family of sequences from its alignment: a2m, a3m, FASTA, Stockholm or Clustal."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from simulacra.core import data
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.proteins.family import Family, family_of
from simulacra.domains.proteins.residues import KIND, decoded
from simulacra.domains.proteins.weights import representatives


@dataclass(frozen=True)
class FamilyFile:
    """The sequences of a family in the columns of its query, as texts of one length, (n,) of kind "sequence".

    The condition "weight" is each sequence's weight; sequences that are alike are one group, so that no part of a split
    knows another's.

    Args:
        path: the alignment; one that does not exist as such is looked for in the data folders.
        query: a name, or its beginning; the first sequence if empty.
        identity: share of residues above which two sequences count as alike; 0.8 for most families, 0.99 for viruses.
        coverage: least share of the scored columns that a sequence fills.
        occupancy: least share of the sequences (by weight) that have a residue in a scored column.
        first: number of the query's first residue; 0 takes it from the name (`/24-286`), or 1.
        keep: all of the sequences, or of those that are alike one alone: then each counts the same, and no weight is
            given.
    """

    path: Path
    query: str = ""
    identity: float = 0.8
    coverage: float = 0.5
    occupancy: float = 0.3
    first: int = 0
    keep: Literal["all", "one of each"] = "all"

    def family(self) -> Family:
        """The family with its columns and numbers."""
        path = self.path
        if not path.is_file() and not path.is_absolute():
            try:
                path = data.find(self.path.as_posix())
            except BadInput as error:
                raise BadInput("there is no such alignment", f"{self.path}; {error.given}", error.fix) from error
        return family_of(path, self.query, self.identity, self.coverage, self.occupancy, self.first)

    def read(self) -> Samples:
        """All sequences, the query first."""
        family = self.family()
        owner = representatives(family.codes, self.identity)
        texts = decoded(family.codes, family.unit)
        origin = f"{self!r}: {'; '.join(family.notes)}"
        whole = Samples.of(
            texts, KIND, family.unit, origin, {"weight": family.weight}, family.names, family.names[owner]
        )
        if self.keep == "all":
            return whole
        alone = whole[owner == np.arange(len(owner))]
        return alone.but(given={}, group=alone.id, origin=f"{origin}; one of each that are alike: {len(alone):,}")
