"""Small organic molecules grown by program: a list of SMILES for where no data are at hand."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from simulacra.core.errors import BadInput, extra
from simulacra.domains.molecules.parsed import parsed

with extra("chemistry"):
    from rdkit import Chem, rdBase

SEEDS = (
    "C", "N", "O", "C=C", "C=O", "C#C", "C#N", "C1CC1", "C1CO1", "C1CN1", "C1CCC1", "C1CCO1", "C1CCCC1", "c1ccccc1",
    "c1ccc[nH]1", "c1ccoc1", "c1cn[nH]c1", "c1ccncc1", "C1CCOC1", "C1CCNC1",
)  # fmt: skip
"""Single atoms, double and triple bonds, and common rings, from which molecules grow."""
STEPS = (
    (6, Chem.BondType.SINGLE, 1),
    (7, Chem.BondType.SINGLE, 1),
    (8, Chem.BondType.SINGLE, 1),
    (6, Chem.BondType.DOUBLE, 2),
    (8, Chem.BondType.DOUBLE, 2),
    (7, Chem.BondType.TRIPLE, 3),
)
"""What an atom with hydrogens to spare may be given: an element, by a bond, in the place of so many hydrogens."""
UNREADY = (Chem.AtomValenceException, Chem.KekulizeException, Chem.MolSanitizeException)


@lru_cache(maxsize=4)
def grown(heavy: int) -> tuple[str, ...]:
    """All molecules of C, N, O and H that grow from the seeds to so many heavy atoms at most, canonical, sorted.

    An atom is added to any atom that has hydrogens to spare; nitrogen and oxygen take carbon alone, so that there are
    no bonds between two of them but those of the seeds. Of six heavy atoms there are about 3,000 molecules.

    >>> grown(2)
    ('C', 'C#C', 'C#N', 'C=C', 'C=O', 'CC', 'CN', 'CO', 'N', 'O')
    """
    if not 1 <= heavy <= 8:
        raise BadInput("molecules are grown to 1 to 8 heavy atoms", f"heavy={heavy}", "take heavy=6")
    with rdBase.BlockLogs():
        level = {
            Chem.MolToSmiles(Chem.MolFromSmiles(s)) for s in SEEDS if Chem.MolFromSmiles(s).GetNumHeavyAtoms() <= heavy
        }
        found = set(level)
        while level:
            level = {longer for text in level for longer in _longer(text, heavy)} - found
            found |= level
    return tuple(sorted(found))


def _longer(text: str, heavy: int) -> set[str]:
    """The molecules with one heavy atom more."""
    one = parsed(text)
    found: set[str] = set()
    if one.GetNumHeavyAtoms() >= heavy:
        return found
    for atom in one.GetAtoms():
        carbon = atom.GetAtomicNum() == 6
        for element, bond, hydrogens in STEPS:
            if atom.GetTotalNumHs() < hydrogens or (hydrogens > 1 and (atom.GetIsAromatic() or not carbon)):
                continue
            if not carbon and (element != 6 or atom.GetIsAromatic()):
                continue
            found |= _joined(one, atom.GetIdx(), element, bond)
    return found


def _joined(one: Any, at: int, element: int, bond: Any) -> set[str]:  # noqa: ANN401 - RDKit's own
    made = Chem.RWMol(one)
    made.AddBond(at, made.AddAtom(Chem.Atom(element)), bond)
    try:
        Chem.SanitizeMol(made)
    except UNREADY:
        return set()
    return {Chem.MolToSmiles(made)}
