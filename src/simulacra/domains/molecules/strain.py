"""Strain: how much energy a molecule loses when a force field lets go of it.

By MMFF94, and by UFF for what MMFF94 has no parameters for. Of a molecule in several pieces the largest is taken, as in
validity; hydrogens that a valence lacks are put in and let go first, all else held, so that they add no strain of their
own. A molecule of impossible valences has no strain, nor one with two atoms on one spot.

References:
    Merck molecular force field. I (Halgren, 1996),
    doi:10.1002/(SICI)1096-987X(199604)17:5/6<490::AID-JCC1>3.0.CO;2-P
    UFF, a full periodic table force field (Rappé et al., 1992), doi:10.1021/ja00051a040
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import extra
from simulacra.domains.molecules.perceived import KEPT, drawn, measured

with extra("chemistry"):
    from rdkit import Chem
    from rdkit.Chem import rdForceFieldHelpers

STEPS = 200  # of the minimization, at most
NONE = (float("nan"),)


def strain(x: Float[np.ndarray, "n seats 4"]) -> Float[np.ndarray, " n"]:
    """The energy as drawn minus that of the nearest minimum, kcal/mol; NaN where valences are impossible.

    Args:
        x: molecules with all hydrogens.
    """
    return measured("letting go of strain", x, _strain)[:, 0]


@lru_cache(maxsize=KEPT)
def _strain(key: bytes) -> tuple[float, ...]:
    found, possible = drawn(key)
    if not possible:
        return NONE
    piece = max(Chem.GetMolFrags(found, asMols=True), key=lambda one: int(one.GetNumAtoms()))
    whole = Chem.AddHs(piece, addCoords=True)
    if whole.GetNumAtoms() > piece.GetNumAtoms():
        field = _field(whole)
        if field is None:
            return NONE
        for i in range(piece.GetNumAtoms()):
            field.AddFixedPoint(i)
        lowest(field)
    field = _field(whole)
    if field is None:
        return NONE
    before = float(field.CalcEnergy())
    return (before - lowest(field),)


def lowest(field: Any) -> float:  # noqa: ANN401 - RDKit's force field
    """The energy of the nearest minimum, kcal/mol; NaN where the slope is too steep (atoms on one spot)."""
    try:
        field.Minimize(maxIts=STEPS)
    except RuntimeError:
        return float("nan")
    return float(field.CalcEnergy())


def _field(found: Any) -> Any:  # noqa: ANN401 - RDKit's molecule and force field
    """The force field of a molecule in its shape; None where neither has parameters."""
    known = rdForceFieldHelpers.MMFFGetMoleculeProperties(found)
    if known is not None:
        field = rdForceFieldHelpers.MMFFGetMoleculeForceField(found, known)
    elif rdForceFieldHelpers.UFFHasAllMoleculeParams(found):
        field = rdForceFieldHelpers.UFFGetMoleculeForceField(found)
    else:
        return None
    field.Initialize()
    return field
