"""When two SMILES are one molecule, and how near two molecules are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float, Int

from simulacra.core.samples import Array
from simulacra.domains.molecules import chemistry


@dataclass(frozen=True, eq=False)
class Molecules:
    """Molecules by their fingerprint: blind to how a SMILES is spelled.

    Two of one canonical SMILES are at distance 0. Two different ones are at least 1 apart, even where their
    fingerprints agree. A string that is no molecule is like itself alone.
    """

    blind: ClassVar[str] = "the spelling of the SMILES"

    def ready(self, x: Array) -> Array:
        """The one spelling of each molecule; a string that is none as it is."""
        return np.array([one or str(text) for one, text in zip(chemistry.canonical(x), x, strict=True)], dtype=np.str_)

    def sketches(self, x: Array) -> list[Float[np.ndarray, "n k"]]:
        """The fingerprints."""
        return [chemistry.fingerprints(x)]

    def apart(self, x: Array, y: Array, version: Int[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
        """Euclidean distance of the fingerprints, at least 1 for two that are not the same."""
        gap = np.linalg.norm(chemistry.fingerprints(x) - chemistry.fingerprints(y), axis=1)
        return np.where(x == y, 0.0, np.maximum(gap, 1.0)).astype(np.float64)
