"""Substituents: cut off where a single bond leads out of a ring or a chain, and exchanged as chemists do in series."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulacra.core.errors import extra
from simulacra.domains.molecules.chemistry import molecule

with extra("chemistry"):
    from rdkit import Chem, rdBase

LARGEST, SMALLEST_CORE, TRIES = 10, 4, 20
HYDROGEN = ""  # the substituent that is none


@dataclass(frozen=True)
class Substituents:
    """How often each substituent sits on each sort of atom, such as "c" or "N"; hydrogen is the empty one.

    Args:
        names: SMILES, the place of attachment first, by the sort of atom they sit on.
        bounds: of the cumulated shares of the same.

    References:
        Matched molecular pairs as a medicinal chemistry tool (Griffen et al., 2011), doi:10.1021/jm200452d
    """

    names: dict[str, list[str]]
    bounds: dict[str, np.ndarray[Any, np.dtype[np.float64]]]

    @classmethod
    def learned(cls, texts: Sequence[str]) -> Substituents:
        """Counted in molecules."""
        found: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for text in texts:
            whole = molecule(str(text))
            if whole is None:
                continue
            for core, first in sites(whole):
                found[sort(whole.GetAtomWithIdx(core))][_name(whole, core, first)] += 1
        names = {one: list(row) for one, row in found.items()}
        return cls(names, {one: np.cumsum(list(row.values())) / row.total() for one, row in found.items()})

    def exchanged(self, whole: Any, rng: np.random.Generator) -> Any:  # noqa: ANN401 - molecules of RDKit
        """A molecule with one substituent, or a hydrogen, exchanged for another; itself where nothing fits."""
        places = sites(whole)
        for _ in range(TRIES if places else 0):
            core, first = places[rng.integers(len(places))]
            names = self.names.get(sort(whole.GetAtomWithIdx(core)))
            if names is None:
                continue
            bounds = self.bounds[sort(whole.GetAtomWithIdx(core))]
            name = names[min(int(np.searchsorted(bounds, rng.random(), "right")), len(names) - 1)]
            if name == _name(whole, core, first):
                continue
            made = _joined(whole, core, first, name)
            if made is not None:
                return made
        return whole


def sort(atom: Any) -> str:  # noqa: ANN401
    """An atom's symbol, in small letters where it is aromatic."""
    return str(atom.GetSymbol().lower() if atom.GetIsAromatic() else atom.GetSymbol())


def sites(whole: Any) -> list[tuple[int, int]]:  # noqa: ANN401
    """Where something may be exchanged: an atom of the core, and the substituent's first; −1 for a hydrogen.

    >>> sorted(sites(molecule("CCCCO")))[:4]
    [(0, -1), (1, -1), (1, 0), (2, -1)]
    """
    out = [(atom.GetIdx(), -1) for atom in whole.GetAtoms() if atom.GetTotalNumHs() and not atom.GetFormalCharge()]
    for bond in whole.GetBonds():
        if bond.IsInRing() or bond.GetBondType() != Chem.BondType.SINGLE:
            continue
        ends = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
        for core, first in (ends, ends[::-1]):
            size = len(_beyond(whole, core, first))
            if whole.GetAtomWithIdx(core).GetFormalCharge():
                continue  # half of a nitro group is no place of exchange
            if size <= LARGEST and whole.GetNumAtoms() - size >= max(SMALLEST_CORE, size):
                out.append((core, first))
    return out


def _beyond(whole: Any, core: int, first: int) -> list[int]:  # noqa: ANN401
    """The atoms on the substituent's side of a bond in no ring."""
    seen, waiting = {core, first}, [first]
    while waiting:
        for beside in whole.GetAtomWithIdx(waiting.pop()).GetNeighbors():
            if beside.GetIdx() not in seen:
                seen.add(beside.GetIdx())
                waiting.append(beside.GetIdx())
    return sorted(seen - {core})


def _name(whole: Any, core: int, first: int) -> str:  # noqa: ANN401
    """The SMILES of a substituent, its first atom first."""
    if first < 0:
        return HYDROGEN
    beyond = _beyond(whole, core, first)
    return str(Chem.MolFragmentToSmiles(whole, beyond, rootedAtAtom=first, isomericSmiles=False))


def _joined(whole: Any, core: int, first: int, name: str) -> Any:  # noqa: ANN401
    """The molecule with this substituent in the place of the old one; None where no valence allows it."""
    made = Chem.RWMol(whole)
    if name:
        fresh = molecule(name)
        if fresh is None:
            return None
        start = made.GetNumAtoms()
        made.InsertMol(fresh)
        made.AddBond(core, start, Chem.BondType.SINGLE)
    at = made.GetAtomWithIdx(core)
    at.SetNumExplicitHs(
        max(0, at.GetNumExplicitHs() - 1) if first < 0 else at.GetNumExplicitHs() + (not name and at.GetIsAromatic())
    )
    for place in sorted(_beyond(whole, core, first) if first >= 0 else [], reverse=True):
        made.RemoveAtom(place)
    try:
        with rdBase.BlockLogs():
            Chem.SanitizeMol(made)
            return molecule(str(Chem.MolToSmiles(made)))
    except (ValueError, RuntimeError):  # what RDKit raises where a valence is impossible
        return None
