"""Do molecules hold together whose atoms, bonds and places come out of noise at once?"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from simulacra.baselines.copycat import copycat
from simulacra.baselines.force_field_shapes import force_field_shapes
from simulacra.models.joint_flow import JointFlow, network_for
from simulacra.running.study import Study
from simulacra.samplers.graph_walks import Ancestral, Rates
from simulacra.subjects.molecules_in_space import RAMAKRISHNAN, budget, judges, source_of
from simulacra.views.bonded_atoms import BondedAtoms


def study(
    molecules: Path | None = None,
    largest: int = 14,
    width: int = 96,
    blocks: int = 6,
    walk: int = 50,
    way: Literal["ancestral", "rates"] = "ancestral",
    steps: int = 4000,
) -> Study:
    """Small organic molecules: one network brings types, bonds and places out of noise together, hydrogens too.

    QM9 without fluorine where it is found, else shapes from SMILES.

    Args:
        molecules: your own .xyz, .extxyz or .sdf; None takes QM9's molecules (without fluorine) from the data folder,
            or, where they are not, molecules grown by program and folded by a force field.
        largest: molecules of more atoms, hydrogens counted, are left aside; QM9's largest has 29.
        width: features of an atom within the network; those of a pair are half as many.
        blocks: of the network.
        walk: steps from noise to molecules.
        way: how types and bonds come back: by the article's posterior steps, or by rates of jumps.
        steps: training steps of 64 molecules.
    """
    source, elements, seats, split = source_of(molecules, largest)
    heads = max(k for k in (1, 2, 3, 4, 6, 8) if width % k == 0)
    network, features = network_for(elements, seats, width, max(4, width // 2), blocks, heads)
    jumps = Ancestral(walk) if way == "ancestral" else Rates(walk)
    return Study(
        source=source,
        view=BondedAtoms(seats, elements, kekule=True),
        model=JointFlow(network, features, elements, walk, jumps),
        judges=judges(),
        baselines={"copycat": copycat, "force field": force_field_shapes},
        budget=budget(steps, 64, 1.5e-3),
        split=split,
        references=(
            "MiDi: mixed graph and 3D denoising diffusion for molecule generation (Vignac et al., 2023), "
            "arXiv:2302.09048",
            "Equivariant flow matching with hybrid probability transport for 3D molecule generation (Song et al., "
            "2023), arXiv:2312.07168",
            RAMAKRISHNAN,
        ),
    )
