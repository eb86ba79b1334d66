"""Do molecules that an equivariant diffusion model draws in space hold together as real ones do?"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from simulacra.baselines.copycat import copycat
from simulacra.baselines.scattered_atoms import scattered_atoms
from simulacra.diffusion.clock import FEATURES
from simulacra.diffusion.properties import Properties
from simulacra.diffusion.targets import PredictNoise, PredictVelocity
from simulacra.models.edm import EDM
from simulacra.networks.egnn import EGNN
from simulacra.running.study import Study
from simulacra.samplers.ddpm import DDPM
from simulacra.sources.molecules.qm9 import QM9
from simulacra.subjects.molecules_in_space import RAMAKRISHNAN, budget, judges, source_of
from simulacra.views.atoms import Atoms


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
    source, elements, seats, split = source_of(molecules, largest, "gap" if gap else "")
    asked = PredictNoise() if target == "noise" else PredictVelocity()
    stated = Properties(("gap",)) if isinstance(source, QM9) and source.labels else None
    network = EGNN(len(elements) + 1, width, FEATURES + (stated.width if stated else 0), blocks)
    return Study(
        source=source,
        view=Atoms(elements),
        model=EDM(network, elements, seats, target=asked, sampler=DDPM(walk), conditioning=stated),
        judges=judges(strain=False),
        baselines={"scattered atoms": scattered_atoms, "copycat": copycat},
        budget=budget(steps, 64, 2e-3),
        split=split,
        references=(
            "Equivariant diffusion for molecule generation in 3D (Hoogeboom et al., 2022), arXiv:2203.17003",
            "E(n) equivariant graph neural networks (Satorras, Hoogeboom & Welling, 2021), arXiv:2102.09844",
            RAMAKRISHNAN,
        ),
    )
