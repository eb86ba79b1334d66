"""Whether a molecule's shape is plausible: lengths, angles, contacts, flatness and energy within published limits.

The limits are those of PoseBusters 0.6: between heavy atoms, bonds and the ends of angles within a quarter of the
bounds of RDKit's distance geometry, other pairs no nearer than 0.7 of their lower bound; atoms of aromatic rings and of
carbon double bonds within 0.25 Å of a plane; energy at most a hundredfold. Two things are simpler here: the energy is
held against that of the nearest minimum, not against fifty shapes drawn anew, and bounds of carboxylate ends stay as
they are. Hydrogens count only for flatness and energy, as there.

References:
    PoseBusters: AI-based docking methods fail to generate physically valid poses or generalise to novel sequences
    (Buttenschoen, Morris & Deane, 2024), doi:10.1039/D3SC04185A
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from simulacra.core.errors import extra
from simulacra.core.samples import Array
from simulacra.domains.molecules.perceived import KEPT, drawn, measured
from simulacra.domains.molecules.strain import lowest

with extra("chemistry"):
    from rdkit import Chem
    from rdkit.Chem import rdDistGeom, rdForceFieldHelpers

CHECKS = (
    "possible valences", "one piece", "bond lengths", "bond angles", "no clash", "flat aromatic rings",
    "flat double bonds", "energy",
)  # fmt: skip
"""What is checked; of a molecule whose valences are impossible nothing passes but that it is of one piece."""
LOOSE, NEAR = 0.25, 0.7  # share by which lengths and angles may leave their bounds; of the lower bound for contacts
FLAT = 0.25  # Å from the plane
ENERGY, LEAST = 100.0, 1.0  # times the minimum's energy; kcal/mol that a minimum counts at least
FLAT_RINGS = tuple(map(Chem.MolFromSmarts, ("a1aaaa1", "a1aaaaa1")))
FLAT_BONDS = (Chem.MolFromSmarts("[CX3](*)(*)=[CX3](*)*"),)


def checks(x: Float[np.ndarray, "n seats 4"]) -> Bool[np.ndarray, "n checks"]:
    """Which checks each molecule passes, in the order of CHECKS."""
    return measured("checking shapes", x, _checks) > 0


@lru_cache(maxsize=KEPT)
def _checks(key: bytes) -> tuple[float, ...]:
    found, possible = drawn(key)
    whole = len(Chem.GetMolFrags(found)) == 1
    if not possible:
        return (0.0, float(whole), *(0.0,) * (len(CHECKS) - 2))
    where = found.GetConformer().GetPositions()
    near = _distances(found, where)
    flat = [_flat(found, where, patterns) for patterns in (FLAT_RINGS, FLAT_BONDS)]
    return tuple(map(float, (True, whole, *near, *flat, _calm(found))))


def _distances(found: Any, where: Array) -> tuple[bool, bool, bool]:  # noqa: ANN401 - RDKit's molecule
    """Whether bonds, ends of angles, and other pairs of heavy atoms keep their bounds."""
    heavy = np.flatnonzero([atom.GetAtomicNum() > 1 for atom in found.GetAtoms()])
    if len(heavy) < 2:
        return True, True, True
    try:
        bounds = rdDistGeom.GetMoleculeBoundsMatrix(found, set15bounds=True, scaleVDW=True, doTriangleSmoothing=True)
    except RuntimeError:  # bonds that no shape can have
        return False, False, False
    steps = Chem.GetDistanceMatrix(found)
    a, b = (heavy[i] for i in np.triu_indices(len(heavy), 1))
    gap = np.linalg.norm(where[a] - where[b], axis=1)
    low, high, apart = bounds[b, a], bounds[a, b], steps[a, b]
    kept = (gap >= (1 - LOOSE) * low) & (gap <= (1 + LOOSE) * high)
    clear = gap >= NEAR * low
    return bool(kept[apart == 1].all()), bool(kept[apart == 2].all()), bool(clear[apart > 2].all())


def _flat(found: Any, where: Array, patterns: tuple[Any, ...]) -> bool:  # noqa: ANN401 - RDKit's molecule
    """Whether the atoms of each match lie near one plane."""
    for pattern in patterns:
        for match in found.GetSubstructMatches(pattern):
            at = where[list(match)] - where[list(match)].mean(axis=0)
            if np.abs(at @ np.linalg.svd(at)[2][-1]).max() > FLAT:
                return False
    return True


def _calm(found: Any) -> bool:  # noqa: ANN401 - RDKit's molecule
    """Whether the energy by UFF is at most a hundred times that of the nearest minimum; no where it has no parameters.

    Hydrogens that free valences leave out are added first.
    """
    whole = Chem.AddHs(found, addCoords=True)
    if not rdForceFieldHelpers.UFFHasAllMoleculeParams(whole):
        return False
    field = rdForceFieldHelpers.UFFGetMoleculeForceField(whole)
    field.Initialize()
    before = float(field.CalcEnergy())
    return before <= ENERGY * max(lowest(field), LEAST)
