"""Structural keys of molecules joined by program: a world of keys where no data are at hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.samples import Samples
from simulacra.domains.molecules.structural_keys import PROPERTIES, keyed
from simulacra.sources.molecules.joined_fragments import JoinedFragments


@dataclass(frozen=True)
class StructuralKeysJoined:
    """MACCS keys, (n, 166), 0 or 1, of kind "vector", of molecules of `JoinedFragments`; under logP, weight and QED.

    Args:
        rings: in a molecule, at most; 1 to 4.
    """

    kind: ClassVar[str] = "vector"

    rings: int = 3

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """n molecules' keys."""
        x, given, _ = keyed(JoinedFragments(self.rings).draw(n, rng).array.tolist())
        return Samples.of(x, "vector", "1", repr(self), given, given_unit=PROPERTIES)
