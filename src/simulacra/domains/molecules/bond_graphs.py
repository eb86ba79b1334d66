"""Molecules as graphs: which atoms are bound and how, their charges, and the string that spells it.

A graph is described in rows, one an atom: its atomic number, its formal charge, and up to `BONDED` bonds, each as the
place of the neighbor (counted from 1; 0 where there is none) and a kind: 1, 2, 3, or 4 where RDKit finds the bond
aromatic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from simulacra.core.errors import extra
from simulacra.core.progress import Progress
from simulacra.core.samples import Array
from simulacra.domains.molecules.atoms import atoms
from simulacra.domains.molecules.bond_orders import orders
from simulacra.domains.molecules.molecule_graphs import BONDS, UNREADY
from simulacra.domains.molecules.parsed import parsed
from simulacra.domains.molecules.perceived import completed
from simulacra.domains.molecules.stability import stable_sums

with extra("chemistry"):
    from rdkit import Chem, rdBase

BONDED = 4
"""Bonds of an atom, at most; sulfur in a sulfone has four."""
COLUMNS = 2 + 2 * BONDED
AROMATIC = 4
KINDS = {
    Chem.BondType.SINGLE: 1,
    Chem.BondType.DOUBLE: 2,
    Chem.BondType.TRIPLE: 3,
    Chem.BondType.AROMATIC: AROMATIC,
}


@dataclass(frozen=True)
class BondGraphs:
    """Graphs of some molecules.

    Args:
        rows: of each atom the atomic number, the charge, then neighbors and kinds of its bonds in turn.
        strings: SMILES without stereochemistry, hydrogens implied; empty where valences are impossible.
    """

    rows: Int[np.ndarray, "n seats columns"]
    strings: list[str]


def graphs_in_space(x: Float[np.ndarray, "n seats 4"], kekule: bool = False) -> BondGraphs:
    """The graphs of molecules in space, as `perceived` finds their bonds, in the order of their atoms.

    Args:
        x: molecules, Å.
        kekule: strings show aromatic rings as single and double bonds in turn.
    """
    rows = np.zeros((len(x), x.shape[1], COLUMNS), dtype=np.int16)
    strings = []
    order = orders(x)
    stable = stable_sums(x, order).molecules
    with Progress("reading bonds", len(x)) as progress, rdBase.BlockLogs():
        for i, (kinds, _) in enumerate(atoms(x)):
            made = Chem.RWMol()
            for z in kinds:
                made.AddAtom(Chem.Atom(int(z)))
            for a, b in zip(*np.nonzero(np.triu(order[i])), strict=True):
                made.AddBond(int(a), int(b), BONDS[int(order[i, a, b])])
            found = made.GetMol()
            if not stable[i]:
                found = completed(found) or found
            try:
                Chem.SanitizeMol(found)
                strings.append(spelled(found, kekule))
            except UNREADY:
                strings.append("")
            stated = told_rows(found)
            rows[i, : len(stated)] = stated
            progress.step()
    return BondGraphs(rows, strings)


def spelled(found: Any, kekule: bool = False) -> str:  # noqa: ANN401 - RDKit's molecule
    """The one SMILES of a molecule, without stereochemistry; empty where it does not lead back to the same atoms."""
    text = str(Chem.MolToSmiles(Chem.RemoveHs(found), isomericSmiles=False))
    back = parsed(text)
    if back is None or back.GetNumAtoms(onlyExplicit=False) != found.GetNumAtoms():
        return ""
    if kekule:  # from the canonical order of the atoms, so that it is one string a molecule
        Chem.Kekulize(back, clearAromaticFlags=True)
        text = str(Chem.MolToSmiles(back, isomericSmiles=False))
    return text


def told_rows(found: Any) -> Int[np.ndarray, "atoms columns"]:  # noqa: ANN401 - RDKit's molecule
    """Rows of one molecule; bonds beyond `BONDED` of an atom are left out."""
    rows = np.zeros((found.GetNumAtoms(), COLUMNS), dtype=np.int16)
    for i, atom in enumerate(found.GetAtoms()):
        rows[i, :2] = atom.GetAtomicNum(), atom.GetFormalCharge()
    used = [0] * len(rows)
    for bond in found.GetBonds():
        a, b, kind = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx(), KINDS.get(bond.GetBondType(), 1)
        if used[a] < BONDED and used[b] < BONDED:
            for one, other in ((a, b), (b, a)):
                rows[one, 2 + 2 * used[one] : 4 + 2 * used[one]] = other + 1, kind
                used[one] += 1
    return rows


def graph_of(text: str) -> Any:  # noqa: ANN401 - RDKit's molecule with hydrogens, or None
    """The molecule that a string spells, its hydrogens as atoms; None where it is none, or not of one piece."""
    found = parsed(text) if text else None
    if found is None or not found.GetNumAtoms() or len(Chem.GetMolFrags(found)) > 1:
        return None
    return Chem.AddHs(found)


def graphs_spelled(texts: Sequence[str], seats: int, elements: Sequence[int]) -> tuple[Array, Array]:
    """Rows of the molecules that strings spell, and which strings spell one that fits.

    Args:
        texts: SMILES.
        seats: atoms at most, hydrogens counted.
        elements: atomic numbers that may be there.

    Returns:
        Rows (n, seats, columns), zeros where a string fails; and whether each spells a molecule, (n,).
    """
    rows = np.zeros((len(texts), seats, COLUMNS), dtype=np.int16)
    good = np.zeros(len(texts), dtype=bool)
    for i, text in enumerate(texts):
        found = graph_of(text)
        if found is None or found.GetNumAtoms() > seats:
            continue
        stated = told_rows(found)
        atoms_there = all(int(z) in elements for z in stated[:, 0])
        if atoms_there and (stated[:, 2::2] > 0).sum() == 2 * found.GetNumBonds():
            rows[i, : len(stated)], good[i] = stated, True
    return rows, good
