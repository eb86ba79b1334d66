"""Training molecules with a few random changes: what a chemist gets for nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulacra.core.errors import extra
from simulacra.core.samples import Samples
from simulacra.domains.molecules.chemistry import molecule
from simulacra.sources.base import Simulator

with extra("chemistry"):
    from rdkit import Chem, rdBase

ELEMENTS = (6, 6, 6, 7, 8, 9, 16, 17)
CHANGES, TRIES = 3, 30


def mutated_molecules(train: Samples) -> Simulator:
    """Training molecules with one to three atoms put on, taken off or exchanged, or bonds changed."""
    return Mutants(train)


@dataclass(frozen=True, repr=False, eq=False)
class Mutants:
    """Training molecules with random changes; valences stay possible.

    Args:
        train: strings; those that are no molecule are passed over.
    """

    train: Samples

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """n molecules, canonical; one that no change suits is drawn as it is."""
        known = [found for text in self.train.array if (found := molecule(str(text))) is not None]
        texts = []
        with rdBase.BlockLogs():
            for _ in range(n if known else 0):
                made = known[rng.integers(len(known))]
                for _ in range(rng.integers(1, CHANGES + 1)):
                    made = changed(made, rng)
                texts.append(str(Chem.MolToSmiles(made)))
        return Samples.of(np.array(texts or [""] * n, dtype=np.str_), "smiles", "1", f"changed: {self.train.origin}")

    def __repr__(self) -> str:
        return f"Mutants({self.train!r})"


def changed(found: Any, rng: np.random.Generator) -> Any:  # noqa: ANN401 - molecules of RDKit
    """A molecule with one random change that leaves it whole and possible; itself where none is found."""
    for _ in range(TRIES):
        made = Chem.RWMol(found)
        at = int(rng.integers(made.GetNumAtoms()))
        way = rng.integers(4)
        if way == 0:
            made.AddBond(at, made.AddAtom(Chem.Atom(int(rng.choice(ELEMENTS)))), Chem.BondType.SINGLE)
        elif way == 1 and made.GetAtomWithIdx(at).GetDegree() == 1 and made.GetNumAtoms() > 3:
            made.RemoveAtom(at)
        elif way == 2:
            atom = made.GetAtomWithIdx(at)
            atom.SetAtomicNum(int(rng.choice(ELEMENTS)))
            atom.SetFormalCharge(0)
            atom.SetNumExplicitHs(0)
            atom.SetNoImplicit(False)
        elif way == 3 and made.GetNumBonds():
            bond = made.GetBondWithIdx(int(rng.integers(made.GetNumBonds())))
            if bond.GetIsAromatic():
                continue
            bond.SetBondType(Chem.BondType.SINGLE if rng.random() < 0.5 else Chem.BondType.DOUBLE)
        else:
            continue
        try:
            Chem.SanitizeMol(made)
            again = molecule(str(Chem.MolToSmiles(made)))
        except (ValueError, RuntimeError):  # what RDKit raises where a valence is impossible
            continue
        if again is not None:
            return again
    return found
