"""Molecules in space as RDKit's: from and to its molecules, SMILES, validity, uniqueness, novelty, 2-D formulas."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import BadInput, extra
from simulacra.core.progress import Progress
from simulacra.core.samples import Array
from simulacra.domains.molecules.atoms import atoms, keys, seated
from simulacra.domains.molecules.bond_orders import orders
from simulacra.domains.molecules.parsed import parsed

with extra("chemistry"):
    from rdkit import Chem, rdBase
    from rdkit.Chem import rdDistGeom, rdForceFieldHelpers
    from rdkit.Chem.Scaffolds import MurckoScaffold
    from rdkit.Geometry import Point3D

BONDS = {1: Chem.BondType.SINGLE, 2: Chem.BondType.DOUBLE, 3: Chem.BondType.TRIPLE}
KEPT = 200_000  # molecules whose SMILES are remembered: planted defects leave most as they are
UNREADY = (Chem.AtomValenceException, Chem.KekulizeException, Chem.MolSanitizeException, ValueError)

_seen: dict[bytes, tuple[str, int]] = {}


def to_rdkit(x: Float[np.ndarray, "n seats 4"]) -> list[Any]:
    """Each molecule as RDKit's, with bonds by distance and one conformer; not sanitized, so that each has one."""
    order = orders(x)
    found = []
    for (kinds, where), bond in zip(atoms(x), order, strict=True):
        made = Chem.RWMol()
        for z in kinds:
            made.AddAtom(Chem.Atom(int(z)))
        for a, b in zip(*np.nonzero(np.triu(bond)), strict=True):
            made.AddBond(int(a), int(b), BONDS[int(bond[a, b])])
        shape = Chem.Conformer(len(kinds))
        for i, p in enumerate(where):
            shape.SetAtomPosition(i, Point3D(*map(float, p)))
        made.AddConformer(shape)
        found.append(made.GetMol())
    return found


def from_rdkit(molecules: Iterable[Any], seats: int | None = None) -> Float[np.ndarray, "n seats 4"]:
    """RDKit's molecules, each by its first conformer, as they are: hydrogens must be there as atoms."""
    elements, where, count = list[int](), [], []
    for i, found in enumerate(molecules):
        if found is None or not found.GetNumConformers():
            raise BadInput(
                "a molecule of RDKit's has no places in space",
                f"number {i}",
                "embed it: rdkit.Chem.rdDistGeom.EmbedMolecule, with hydrogens added before",
            )
        elements += [atom.GetAtomicNum() for atom in found.GetAtoms()]
        where.append(found.GetConformer().GetPositions())
        count.append(found.GetNumAtoms())
    if not count:
        raise BadInput("there is no molecule", "an empty list", "give one or more")
    return seated(np.array(elements), np.concatenate(where), np.array(count), seats)


@dataclass(frozen=True)
class Graphs:
    """What is known of the bonds of some molecules.

    Args:
        smiles: canonical SMILES of each one's largest piece, hydrogens implied; empty where it is not valid.
        pieces: into how many pieces each one's bonds let it fall.
    """

    smiles: list[str]
    pieces: Array

    @property
    def valid(self) -> Array:
        """Whether RDKit finds valences and aromaticity of the molecule possible."""
        return np.array([bool(text) for text in self.smiles], dtype=bool)

    @property
    def connected(self) -> Array:
        """Whether a molecule is of one piece."""
        return np.asarray(self.pieces == 1)


def graphs(x: Float[np.ndarray, "n seats 4"]) -> Graphs:
    """Validity as published: bonds by distance, RDKit's sanitization, the largest piece.

    RDKit fills valences that are not used up by hydrogens, so that only an atom with too many bonds makes a molecule
    invalid; stability asks for more.
    """
    smiles, pieces = list[str](), list[int]()
    with Progress("reading bonds", len(x)) as progress, rdBase.BlockLogs():
        for start in range(0, len(x), 256):
            part = x[start : start + 256]
            names = keys(part)
            new = [i for i, name in enumerate(names) if name not in _seen]
            known = {name: _seen[name] for name in names if name in _seen}
            for i, found in zip(new, to_rdkit(part[new]), strict=True):
                known[names[i]] = _largest(found), len(Chem.GetMolFrags(found))
            if len(_seen) + len(new) > KEPT:
                _seen.clear()
            _seen.update(known)
            smiles += [known[name][0] for name in names]
            pieces += [known[name][1] for name in names]
            progress.step(len(part))
    return Graphs(smiles, np.array(pieces, dtype=np.int64))


def _largest(found: Any) -> str:  # noqa: ANN401 - RDKit's molecule
    try:
        Chem.SanitizeMol(found)
        most = max(Chem.GetMolFrags(found, asMols=True), key=lambda piece: int(piece.GetNumAtoms()), default=None)
        return "" if most is None else str(Chem.MolToSmiles(Chem.RemoveHs(most)))
    except UNREADY:
        return ""


def uniqueness(smiles: Sequence[str]) -> float:
    """The share of different molecules among the valid ones; 0 if there is none."""
    valid = [text for text in smiles if text]
    return len(set(valid)) / max(1, len(valid))


def novelty(smiles: Sequence[str], known: Iterable[str]) -> float:
    """The share of the different valid molecules that are not among the known ones; SMILES are canonical."""
    different = {text for text in smiles if text}
    return len(different - set(known)) / max(1, len(different))


def to_ase(x: Float[np.ndarray, "n seats 4"]) -> list[Any]:
    """Each molecule as `ase.Atoms`; needs the extra "ase"."""
    with extra("ase"):
        made = importlib.import_module("ase").Atoms
    return [made(numbers=kinds, positions=where.astype(float)) for kinds, where in atoms(x)]


def from_ase(several: Iterable[Any], seats: int | None = None) -> Float[np.ndarray, "n seats 4"]:
    """`ase.Atoms` as one array; ase itself is not needed."""
    kept = [(np.asarray(one.numbers), np.asarray(one.positions, dtype=float)) for one in several]
    if not kept:
        raise BadInput("there is no molecule", "an empty list", "give one or more")
    count = np.array([len(z) for z, _ in kept])
    return seated(np.concatenate([z for z, _ in kept]), np.concatenate([r for _, r in kept]), count, seats)


def scaffold(text: str) -> str:
    """The rings of a SMILES with what links them, as SMILES; empty without rings, or where it is no molecule."""
    with rdBase.BlockLogs():
        found = parsed(text) if text else None
        if found is None:
            return ""
        return str(Chem.MolToSmiles(MurckoScaffold.GetScaffoldForMol(found)))  # type: ignore[no-untyped-call]


def atoms_of(text: str) -> int:
    """How many atoms a SMILES has, implied hydrogens counted."""
    return int(parsed(text).GetNumAtoms(onlyExplicit=False))


def embedded(text: str, seed: int, steps: int = 200) -> Any:  # noqa: ANN401 - RDKit's molecule, or None
    """A molecule with hydrogens in space: distance geometry, then the force field MMFF94; None where it fails.

    Args:
        text: its SMILES.
        seed: of the first shape.
        steps: of the minimization, at most; 0 leaves the shape as distance geometry has it.

    References:
        Better informed distance geometry: using what we know to improve conformation generation (Riniker & Landrum,
        2015), doi:10.1021/acs.jcim.5b00654
    """
    with rdBase.BlockLogs():
        plain = parsed(text)
        found: Any = Chem.AddHs(plain) if plain is not None else None
        chosen: Any = rdDistGeom.ETKDGv3()
        chosen.randomSeed = seed
        chosen.maxIterations = 20
        if found is None or rdDistGeom.EmbedMolecule(found, chosen):
            return None
        if steps:
            rdForceFieldHelpers.MMFFOptimizeMolecule(found, maxIters=steps)
        return found
