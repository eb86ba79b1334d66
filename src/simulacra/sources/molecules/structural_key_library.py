"""Structural keys of the molecules of a list, with the properties that are asked for."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.paths import as_path
from simulacra.core.samples import Samples
from simulacra.domains.molecules.structural_keys import PROPERTIES, keyed
from simulacra.sources.molecules.smiles_library import SmilesLibrary


@dataclass(frozen=True)
class StructuralKeyLibrary:
    """MACCS keys, (n, 166), 0 or 1, of kind "vector"; under logP, weight in Da, and QED. A record's name is its SMILES.

    Args:
        path: of the list, as `SmilesLibrary` reads it.
        most: so many molecules at most, chosen by a hash of each; 0 takes all.
    """

    kind: ClassVar[str] = "vector"

    path: Path
    most: int = 12_000

    def __post_init__(self) -> None:
        as_path(self, "path")
        if self.most < 0:
            raise BadInput("a number of molecules is not negative", f"most={self.most}", "take most=0 for all")

    def read(self) -> Samples:
        """All of them, or so many."""
        return _read(self)


@lru_cache(maxsize=2)
def _read(wanted: StructuralKeyLibrary) -> Samples:
    """Keys take a millisecond each: they are counted once."""
    whole = SmilesLibrary(wanted.path).read()
    if wanted.most and wanted.most < len(whole):
        # a salt: a split into parts goes by the plain hash, and would put all of the lowest into one part
        marks = [hashlib.blake2b(str(name).encode(), digest_size=8, salt=b"most").digest() for name in whole.id]
        whole = whole[np.sort(np.argsort(np.array(marks), kind="stable")[: wanted.most])]
    x, given, kept = keyed(whole.array.tolist())
    return Samples.of(x, "vector", "1", repr(wanted), given, whole.id[kept], None, PROPERTIES)
