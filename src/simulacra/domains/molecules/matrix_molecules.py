"""Molecules as matrices, to and from RDKit's and SMILES: atoms by code on the diagonal, bonds off it.

Aromatic rings are written with alternating single and double bonds (Kekulé), so that the sum of an atom's bonds is a
whole number; a file's own aromatic marks become such bonds where that is possible. Valences that no bond uses mean
hydrogens, as in SMILES: for the usual elements up to their usual valence, shifted by the charge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from simulacra.core.errors import BadInput, extra
from simulacra.core.progress import Progress
from simulacra.core.samples import Array
from simulacra.domains.graphs.matrices import padded
from simulacra.domains.molecules.atom_codes import AROMATIC, charges, coded, elements
from simulacra.domains.molecules.bond_graphs import spelled as canonical
from simulacra.domains.molecules.molecule_graphs import UNREADY, Graphs
from simulacra.domains.molecules.parsed import parsed, walkable

with extra("chemistry"):
    from rdkit import Chem, rdBase

KEPT = 300_000  # molecules whose numbers are remembered: planted defects leave most as they are
BONDS = {
    1: Chem.BondType.SINGLE,
    2: Chem.BondType.DOUBLE,
    3: Chem.BondType.TRIPLE,
    AROMATIC: Chem.BondType.AROMATIC,
}
KINDS = {kind: number for number, kind in BONDS.items()}


def key(graph: Array) -> bytes:
    """One molecule as bytes, empty seats left out."""
    there = np.flatnonzero(np.diagonal(graph) > 0)
    return graph[np.ix_(there, there)].astype(np.int16).tobytes()


def of_key(one: bytes) -> Array:
    """The molecule that `key` made bytes of, (atoms, atoms)."""
    flat = np.frombuffer(one, dtype=np.int16)
    side = round(len(flat) ** 0.5)
    return flat.reshape(side, side)


def built(graph: Array) -> Any:  # noqa: ANN401 - RDKit's molecule
    """RDKit's molecule of one matrix, not sanitized: it may be none."""
    made = Chem.RWMol()
    code = np.diagonal(graph)
    number, charge = elements(code).tolist(), charges(code).tolist()
    seat = {}
    for i in np.flatnonzero(code > 0):
        atom = Chem.Atom(number[i])
        atom.SetFormalCharge(charge[i])
        seat[int(i)] = made.AddAtom(atom)
    for a, b in zip(*np.nonzero(np.triu(graph, 1)), strict=True):
        kind = int(graph[a, b])
        made.AddBond(seat[int(a)], seat[int(b)], BONDS.get(kind, Chem.BondType.QUADRUPLE))
        if kind == AROMATIC:
            made.GetAtomWithIdx(seat[int(a)]).SetIsAromatic(True)
            made.GetAtomWithIdx(seat[int(b)]).SetIsAromatic(True)
            made.GetBondBetweenAtoms(seat[int(a)], seat[int(b)]).SetIsAromatic(True)
    return made.GetMol()


def sound(one: bytes) -> Any:  # noqa: ANN401 - RDKit's molecule, or None
    """The molecule, sanitized; None where its valences or its aromaticity are impossible, or it has no atom."""
    found = built(of_key(one))
    try:
        Chem.SanitizeMol(found)
    except UNREADY:
        return None
    return found if found.GetNumAtoms() else None


@lru_cache(maxsize=KEPT)
def _spelled(one: bytes) -> tuple[str, int]:
    found = sound(one)
    if found is None:
        return "", len(Chem.GetMolFrags(built(of_key(one))))
    pieces = Chem.GetMolFrags(found, asMols=True)
    most = max(pieces, key=lambda piece: int(piece.GetNumAtoms()))
    try:
        return str(Chem.MolToSmiles(Chem.RemoveHs(most), isomericSmiles=False)), len(pieces)
    except UNREADY:
        return "", len(pieces)


def measured(what: str, x: Array, measure: Callable[[bytes], Any]) -> list[Any]:
    """A measure of each molecule, with progress; who measures remembers by itself."""
    found = []
    with Progress(what, len(x)) as progress, rdBase.BlockLogs():
        for graph in x:
            found.append(measure(key(graph)))
            progress.step()
    return found


def spelled(x: Array) -> Graphs:
    """Canonical SMILES of each one's largest piece, empty where it is not valid; and how many pieces it has."""
    found = measured("reading molecules", x, _spelled)
    return Graphs([text for text, _ in found], np.array([pieces for _, pieces in found], dtype=np.int64))


def smiles(x: Array, kekule: bool = False) -> list[str]:
    """The SMILES of each whole molecule; empty where it is not valid.

    Args:
        x: matrices, (n, seats, seats).
        kekule: aromatic rings are shown as single and double bonds in turn.
    """
    return measured("writing molecules", x, _kekule if kekule else _whole)


@lru_cache(maxsize=KEPT)
def _whole(one: bytes) -> str:
    found = sound(one)
    return "" if found is None else str(Chem.MolToSmiles(Chem.RemoveHs(found), isomericSmiles=False))


@lru_cache(maxsize=KEPT)
def _kekule(one: bytes) -> str:
    found = sound(one)
    return "" if found is None else canonical(Chem.AddHs(found), kekule=True)


def matrix(found: Any, hydrogens: bool = False) -> Array:  # noqa: ANN401 - RDKit's molecule, sanitized
    """The matrix of one of RDKit's molecules, aromatic rings as alternating bonds.

    Args:
        found: sanitized.
        hydrogens: whether these are atoms of the matrix, also those that were implied.
    """
    with rdBase.BlockLogs():
        made = Chem.Mol(Chem.AddHs(found) if hydrogens else Chem.RemoveHs(found))
        Chem.Kekulize(made, clearAromaticFlags=True)
    x = np.zeros((made.GetNumAtoms(),) * 2, dtype=np.int16)
    for i, atom in enumerate(made.GetAtoms()):
        x[i, i] = coded(np.array(atom.GetAtomicNum()), np.array(atom.GetFormalCharge())).item()
    for bond in made.GetBonds():
        a, b = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
        x[a, b] = x[b, a] = KINDS.get(bond.GetBondType(), 1)
    return x


def matrices_of(texts: Iterable[str], hydrogens: bool = False) -> tuple[Array, list[int]]:
    """The molecules that strings spell, as one array; and the places of the strings that spell none.

    Args:
        texts: SMILES.
        hydrogens: whether these are atoms of the matrices.
    """
    found, bad = [], []
    with rdBase.BlockLogs():
        for i, text in enumerate(texts):
            one = parsed(str(text)) if text else None
            if one is None or not one.GetNumAtoms():
                bad.append(i)
                continue
            found.append(matrix(one, hydrogens))
    return padded(found), bad


def from_rdkit(molecules: Sequence[Any], hydrogens: bool = False) -> Array:
    """RDKit's molecules as one array (n, seats, seats), int16."""
    if any(one is None for one in molecules) or not len(molecules):
        raise BadInput("RDKit has not read some of these molecules", "None among them", "leave these out, or give one")
    return padded([matrix(one, hydrogens) for one in molecules])


def to_rdkit(x: Array) -> list[Any]:
    """RDKit's molecule of each matrix, sanitized; None where it is not valid."""
    with rdBase.BlockLogs():
        return [sound(key(graph)) for graph in x]


def molecules_of_strings(texts: Iterable[str]) -> list[Any]:
    """RDKit's molecule of each SMILES; None where there is none."""
    with rdBase.BlockLogs():
        found = [parsed(str(text)) if text else None for text in texts]
    return [one if one is not None and one.GetNumAtoms() else None for one in found]


def molecules_of_sdf(path: Path) -> tuple[list[Any], list[str]]:
    """RDKit's molecule of each record of an SDF, None where it is none; and the records' names."""
    with rdBase.BlockLogs():
        found = list(Chem.SDMolSupplier(str(path), removeHs=False))
    names = [one.GetProp("_Name").strip() if one is not None and one.HasProp("_Name") else "" for one in found]
    return [one if walkable(one) and one.GetNumAtoms() else None for one in found], names
