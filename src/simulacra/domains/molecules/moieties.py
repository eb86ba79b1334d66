"""What a chemist counts in a molecule: its rings by size, and its functional groups.

Bonds are those of `perceived`. A molecule whose valences are impossible has neither.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import extra
from simulacra.domains.molecules.perceived import KEPT, drawn, measured

with extra("chemistry"):
    from rdkit import Chem

RINGS = ("of 3", "of 4", "of 5", "of 6", "of 7 and more", "aromatic", "fused")
"""Rings of a smallest set, by their number of atoms; of these the aromatic ones, and those that share a bond."""

GROUPS = {
    "alcohol": "[OX2H][CX4]",
    "enol or phenol": "[OX2H][c,$(C=[#6])]",
    "ether": "[OX2H0;!r3]([#6;!$(C=[O,N])])[#6;!$(C=[O,N])]",
    "aldehyde": "[$([CX3H1]([#6])=[OX1]),$([CX3H2]=[OX1])]",
    "ketone": "[#6][CX3](=[OX1])[#6]",
    "carboxylic acid": "[$([CX3]([#6])=[OX1]),$([CX3H1]=[OX1])][$([OX2H1]),$([OX1-])]",
    "ester": "[$([CX3]([#6])=[OX1]),$([CX3H1]=[OX1])][OX2H0][#6]",
    "amide": "[$([CX3]([#6])=[OX1]),$([CX3H1]=[OX1])][#7X3]",
    "carbonate, carbamate or urea": "[OX1]=[CX3]([#7X3,OX2])[#7X3,OX2]",
    "primary amine": "[NX3H2;!$(N[#6]=[O,N])][#6]",
    "secondary amine": "[NX3H1;!r3;!$(N[#6]=[O,N])]([#6])[#6]",
    "tertiary amine": "[NX3H0;!r3;!$(N[#6]=[O,N])]([#6])([#6])[#6]",
    "nitrile": "[CX2]#[NX1]",
    "imine or amidine": "[#6X3]=[NX2;!$(N[#7,#8])]",
    "oxime": "[#6X3]=[NX2][OX2]",
    "N–N or N–O bond": "[NX3;!$(N=*)][#7,#8]",
    "alkene": "C=C",
    "alkyne": "C#C",
    "benzene ring": "c1ccccc1",
    "aromatic N or O": "[n,o]",
    "epoxide": "[OX2r3]",
    "aziridine": "[NX3r3]",
    "charged atom": "[!+0]",
}
"""Patterns (SMARTS) of the groups that molecules of H, C, N and O have; an atom may belong to several."""
_PATTERNS = tuple(Chem.MolFromSmarts(text) for text in GROUPS.values())
NOTHING = float("nan")


def rings(x: Float[np.ndarray, "n seats 4"]) -> Float[np.ndarray, "n kinds"]:
    """How many rings of each sort a molecule has, as RINGS names them; NaN where valences are impossible."""
    return measured("counting rings", x, _rings)


def groups(x: Float[np.ndarray, "n seats 4"]) -> Float[np.ndarray, "n kinds"]:
    """How often a molecule has each functional group of GROUPS; NaN where valences are impossible."""
    return measured("counting functional groups", x, _groups)


@lru_cache(maxsize=KEPT)
def _rings(key: bytes) -> tuple[float, ...]:
    found, possible = drawn(key)
    if not possible:
        return (NOTHING,) * len(RINGS)
    info = found.GetRingInfo()
    sizes = [len(ring) for ring in info.AtomRings()]
    counts = [sizes.count(size) for size in (3, 4, 5, 6)] + [sum(size > 6 for size in sizes)]
    aromatic = sum(all(found.GetBondWithIdx(i).GetIsAromatic() for i in ring) for ring in info.BondRings())
    fused = sum(info.IsRingFused(i) for i in range(len(sizes)))
    return tuple(map(float, (*counts, aromatic, fused)))


@lru_cache(maxsize=KEPT)
def _groups(key: bytes) -> tuple[float, ...]:
    found, possible = drawn(key)
    if not possible:
        return (NOTHING,) * len(GROUPS)
    return tuple(float(len(found.GetSubstructMatches(pattern))) for pattern in _PATTERNS)
