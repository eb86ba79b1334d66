"""Molecules in space to be learned: where they come from, how they are shared out, and who judges them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from simulacra.core import data
from simulacra.domains.molecules.atoms import numbers
from simulacra.judging.base import Judge
from simulacra.running.split import Split
from simulacra.sources.base import Archive
from simulacra.sources.molecules.conformers import Conformers
from simulacra.sources.molecules.molecule_file import MoleculeFile
from simulacra.sources.molecules.qm9 import NAME, QM9
from simulacra.statistics.molecules.atom_types import AtomTypes
from simulacra.statistics.molecules.bond_angles import BondAngles
from simulacra.statistics.molecules.bond_lengths import BondLengths
from simulacra.statistics.molecules.molecule_size import MoleculeSize
from simulacra.statistics.molecules.molecule_validity import MoleculeValidity
from simulacra.statistics.molecules.plausible_shapes import PlausibleShapes
from simulacra.statistics.molecules.ring_counts import RingCounts
from simulacra.statistics.molecules.stability import Stability
from simulacra.statistics.molecules.strain_energy import StrainEnergy
from simulacra.training.budget import Budget

PLAIN = (1, 6, 7, 8)
"""Hydrogen, carbon, nitrogen, oxygen."""
RAMAKRISHNAN = (
    "Quantum chemistry structures and properties of 134 kilo molecules (Ramakrishnan et al., 2014), "
    "doi:10.1038/sdata.2014.22"
)


def source_of(molecules: Path | None, largest: int, labels: str = "") -> tuple[Archive, tuple[int, ...], int, Split]:
    """Where molecules come from, of which elements they are, how many atoms they have, and how they are shared out.

    Args:
        molecules: a file of one's own; None takes QM9 where it is found, else shapes from SMILES.
        largest: molecules of more atoms are left aside.
        labels: the property that QM9's molecules are given with; "" for none.
    """
    if molecules is not None:
        own = MoleculeFile(molecules, largest)
        x = own.read().array  # a file shows its elements when it is read
        return own, tuple(int(z) for z in np.unique(numbers(x)) if z), x.shape[1], Split(75, 10, 15)
    if any((folder / NAME).is_file() for folder in data.folders()):
        return QM9(largest=largest, labels=labels), PLAIN, largest, Split(93, 3, 4)
    return Conformers(largest=largest), PLAIN, largest, Split(75, 10, 15)


def judges(shapes: bool = True, strain: bool = True) -> dict[str, Judge]:
    """Of single molecules: whether they hold together, of what they are, and how they are shaped.

    Args:
        shapes: with plausible shapes.
        strain: with rings and the strain in a force field, which cost most.
    """
    found = {
        "stability": Judge(Stability(), reach=0.16),
        "validity": Judge(MoleculeValidity(), reach=0.08),
        "atom types": Judge(AtomTypes(), reach=0.32),
        "size": Judge(MoleculeSize(), reach=0.04),
        "bond lengths": Judge(BondLengths(), reach=0.008),
        "bond angles": Judge(BondAngles(), reach=0.08),
    }
    if shapes:
        found["plausible shapes"] = Judge(PlausibleShapes(), reach=0.08)
    if strain:
        found |= {"rings": Judge(RingCounts()), "strain": Judge(StrainEnergy())}
    return found


def budget(steps: int, batch: int, rate: float | Mapping[str, float]) -> Budget:
    """One look, at the end: draws are dear beside training steps.

    Args:
        steps: of the training.
        batch: molecules of a step.
        rate: of the learning, or one a player.
    """
    return Budget(
        steps,
        batch=batch,
        rate=rate,
        average=0.998,
        final=0.02,
        warmup=min(100, steps // 4),
        clip=1.0,
        looks=1,
        glances=0,
    )
