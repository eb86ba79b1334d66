"""Do molecules that an equivariant diffusion model draws in space hold together as real ones do?"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np

from simulacra.baselines.copycat import copycat
from simulacra.baselines.scattered_atoms import scattered_atoms
from simulacra.core import data
from simulacra.diffusion.clock import FEATURES
from simulacra.diffusion.properties import Properties
from simulacra.diffusion.targets import PredictNoise, PredictVelocity
from simulacra.domains.molecules.atoms import numbers
from simulacra.judging.base import Judge
from simulacra.models.edm import EDM
from simulacra.networks.egnn import EGNN
from simulacra.running.split import Split
from simulacra.running.study import Study
from simulacra.samplers.ddpm import DDPM
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
from simulacra.statistics.molecules.stability import Stability
from simulacra.training.budget import Budget
from simulacra.views.atoms import Atoms

PLAIN = (1, 6, 7, 8)  # hydrogen, carbon, nitrogen, oxygen


def study(
    molecules: Path | None = None,
    largest: int = 14,
    width: int = 64,
    blocks: int = 4,
    target: Literal["noise", "velocity"] = "noise",
    walk: int = 100,
    gap: bool = False,
    steps: int = 4000,
) -> Study:
    """Small organic molecules with all hydrogens; QM9 without fluorine where it is found, else shapes from SMILES.

    Args:
        molecules: your own .xyz, .extxyz or .sdf; None takes QM9's molecules (without fluorine) from the data folder,
            or, where they are not, molecules grown by program and folded by a force field.
        largest: molecules of more atoms, hydrogens counted, are left aside; QM9's largest has 29, and a step's cost
            grows with the square.
        width: features of an atom within the network.
        blocks: of the network.
        target: what the network is asked for: the noise, as published, or a turn between data and noise.
        walk: steps from noise to molecules.
        gap: whether the network is conditioned on the gap (eV) of the molecules of QM9 that have one; judges see draws
            without.
        steps: training steps.
    """
    source, elements, seats, split = _source(molecules, largest, gap)
    asked = PredictNoise() if target == "noise" else PredictVelocity()
    stated = Properties(("gap",)) if isinstance(source, QM9) and source.labels else None
    network = EGNN(len(elements) + 1, width, FEATURES + (stated.width if stated else 0), blocks)
    return Study(
        source=source,
        view=Atoms(elements),
        model=EDM(network, elements, seats, target=asked, sampler=DDPM(walk), conditioning=stated),
        judges={
            "stability": Judge(Stability(), reach=0.16),
            "validity": Judge(MoleculeValidity(), reach=0.08),
            "atom types": Judge(AtomTypes(), reach=0.32),
            "size": Judge(MoleculeSize(), reach=0.04),
            "bond lengths": Judge(BondLengths(), reach=0.008),
            "bond angles": Judge(BondAngles(), reach=0.08),
            "plausible shapes": Judge(PlausibleShapes(), reach=0.08),
        },
        baselines={"scattered atoms": scattered_atoms, "copycat": copycat},
        budget=Budget(
            steps,
            batch=64,
            rate=2e-3,
            average=0.998,
            final=0.02,
            warmup=min(100, steps // 4),
            clip=1.0,
            looks=1,
            glances=0,
        ),
        split=split,
        references=(
            "Equivariant diffusion for molecule generation in 3D (Hoogeboom et al., 2022), arXiv:2203.17003",
            "E(n) equivariant graph neural networks (Satorras, Hoogeboom & Welling, 2021), arXiv:2102.09844",
            "Quantum chemistry structures and properties of 134 kilo molecules (Ramakrishnan et al., 2014), "
            "doi:10.1038/sdata.2014.22",
        ),
    )


def _source(molecules: Path | None, largest: int, gap: bool) -> tuple[Archive, tuple[int, ...], int, Split]:
    """Where molecules come from, of which elements they are, how many atoms they have, and how they are shared out."""
    if molecules is not None:
        own = MoleculeFile(molecules, largest)
        x = own.read().array  # a file shows its elements when it is read
        return own, tuple(int(z) for z in np.unique(numbers(x)) if z), x.shape[1], Split(75, 10, 15)
    if any((folder / NAME).is_file() for folder in data.folders()):
        return QM9(largest=largest, labels="gap" if gap else ""), PLAIN, largest, Split(93, 3, 4)
    return Conformers(largest=largest), PLAIN, largest, Split(75, 10, 15)
