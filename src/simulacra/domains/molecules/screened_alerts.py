"""PAINS four times as fast: only the patterns that a molecule's features allow are looked for.

A pattern can be in a molecule only if all bits of its pattern fingerprint are in the molecule's. Of 480 patterns some
forty are left, which RDKit's own catalog then looks for: the same matches. The patterns are those of RDKit's list, by
the names that the catalog gives; where the list is not to be had, the whole catalog is asked.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt64

from simulacra.core.errors import extra
from simulacra.core.samples import Array

with extra("chemistry"):
    from rdkit import Chem, RDConfig, rdBase
    from rdkit.Chem.FilterCatalog import FilterCatalog

BITS = 1024
LIST = Path("Pains") / "wehi_pains.csv"


@dataclass(frozen=True, eq=False)
class Screened:
    """A catalog of patterns, with what a molecule must have for each.

    Args:
        catalog: of RDKit.
        entries: its patterns.
        needed: their fingerprints, packed; empty where the patterns are not known.
    """

    catalog: FilterCatalog
    entries: list[Any]
    needed: UInt64[np.ndarray, "patterns words"]

    @classmethod
    def of(cls, catalog: FilterCatalog) -> Screened:
        """The catalog with the fingerprints of its patterns, if RDKit's list has all of them."""
        entries = [catalog.GetEntryWithIdx(i) for i in range(catalog.GetNumEntries())]
        known = _patterns(Path(RDConfig.RDDataDir) / LIST)
        found = [known.get(entry.GetDescription(), "") for entry in entries]
        needed = [] if not all(found) else [_packed(Chem.MergeQueryHs(Chem.MolFromSmarts(text))) for text in found]
        return cls(catalog, entries, np.array(needed, dtype=np.uint64).reshape(len(needed), BITS // 64))

    def count(self, molecule: Any) -> int:  # noqa: ANN401 - RDKit's molecule
        """How many of the patterns are in a molecule."""
        with rdBase.BlockLogs():
            if not len(self.needed):
                return len(self.catalog.GetMatches(molecule))
            there = _packed(molecule)
            allowed = np.flatnonzero(~(self.needed & ~there).any(axis=1))
            return sum(bool(self.entries[i].HasFilterMatch(molecule)) for i in allowed)


def _patterns(path: Path) -> dict[str, str]:
    """The patterns of RDKit's list by name; empty where there is no such file."""
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file) if len(row) > 1]
    named = [(re.search(r"regId=([^>]+)>", row[1]), row[0]) for row in rows]
    return {name[1]: text for name, text in named if name}


def _packed(molecule: Any) -> Array:  # noqa: ANN401 - RDKit's molecule
    letters = Chem.PatternFingerprint(molecule, BITS).ToBitString().encode()
    return np.packbits(np.frombuffer(letters, dtype=np.uint8) - 48).view(np.uint64)
