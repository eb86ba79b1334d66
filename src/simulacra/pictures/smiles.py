"""Pictures of molecules: the structural formula of each SMILES."""

from __future__ import annotations

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.domains.molecules import chemistry
from simulacra.pictures.base import Scale

SIDE = 160


def scale(*sets: Samples) -> Scale:
    """Formulas have no scale."""
    return Scale(0.0, 1.0, words="structural formulas; a string that is no molecule is written out in red")


def tiles(x: Array, scale: Scale) -> Array:
    """Each molecule as a tile, (n, 160, 160, 3)."""
    return (
        np.stack([chemistry.drawing(str(text), SIDE) for text in x])
        if len(x)
        else np.zeros((0, SIDE, SIDE, 3), np.uint8)
    )
