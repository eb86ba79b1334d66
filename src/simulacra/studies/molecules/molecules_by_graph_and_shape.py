"""Do molecules hold together that are spelled first, and brought into shape by a flow along their bonds?"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from simulacra.baselines.copycat import copycat
from simulacra.baselines.force_field_shapes import force_field_shapes
from simulacra.core import data
from simulacra.diffusion.bonded import atom_features, pair_features
from simulacra.domains.molecules.atoms import numbers
from simulacra.exhibits.failed_draws import keep_failed
from simulacra.judging.base import Judge
from simulacra.models.graph_and_space import GraphAndSpace
from simulacra.models.shape_flow import ShapeFlow
from simulacra.models.token_sequence import TokenSequence
from simulacra.networks.shape_network import ShapeNetwork
from simulacra.networks.token_reader import TokenReader
from simulacra.running.split import Split
from simulacra.running.study import Study
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
from simulacra.views.bonded_atoms import BondedAtoms
from simulacra.views.grammar import Grammar
from simulacra.views.spelling import Spelling

PLAIN = (1, 6, 7, 8)  # hydrogen, carbon, nitrogen, oxygen


def study(
    molecules: Path | None = None,
    largest: int = 14,
    width: int = 96,
    blocks: int = 6,
    memory: int = 256,
    walk: int = 10,
    steps: int = 4000,
) -> Study:
    """Small organic molecules: a string spells the bonds, a flow finds the places of all atoms, hydrogens too.

    QM9 without fluorine where it is found, else shapes from SMILES.

    Args:
        molecules: your own .xyz, .extxyz or .sdf; None takes QM9's molecules (without fluorine) from the data folder,
            or, where they are not, molecules grown by program and folded by a force field.
        largest: molecules of more atoms, hydrogens counted, are left aside; QM9's largest has 29.
        width: features of an atom within the network of shapes; those of a pair are half as many.
        blocks: of the network of shapes.
        memory: features of the state that spells.
        walk: steps from disorder to shape.
        steps: training steps; in each, strings and shapes learn on a batch of their own.
    """
    source, elements, seats, split = _source(molecules, largest)
    spelling = Spelling(seats, elements)
    grammar = Grammar(elements, seats) if Grammar.spells(elements) else None
    strings = TokenSequence(TokenReader(spelling.size, 64, memory), seats, grammar=grammar)
    heads = max(k for k in (1, 2, 3, 4, 6, 8) if width % k == 0)
    network = ShapeNetwork(atom_features(len(elements)), pair_features(), width, max(4, width // 2), blocks, heads)
    return Study(
        source=source,
        view=BondedAtoms(seats, elements, kekule=grammar is not None),
        model=GraphAndSpace(strings, ShapeFlow(network, elements, walk), spelling),
        judges={
            "stability": Judge(Stability(), reach=0.16),
            "validity": Judge(MoleculeValidity(), reach=0.08),
            "atom types": Judge(AtomTypes(), reach=0.32),
            "size": Judge(MoleculeSize(), reach=0.04),
            "bond lengths": Judge(BondLengths(), reach=0.008),
            "bond angles": Judge(BondAngles(), reach=0.08),
            "plausible shapes": Judge(PlausibleShapes(), reach=0.08),
            "rings": Judge(RingCounts()),
            "strain": Judge(StrainEnergy()),
        },
        baselines={"copycat": copycat, "force field": force_field_shapes},
        budget=Budget(
            steps,
            batch=64,
            rate={"strings": 3e-3, "shapes": 1.5e-3},
            average=0.998,
            final=0.02,
            warmup=min(100, steps // 4),
            clip=1.0,
            looks=1,
            glances=0,
        ),
        split=split,
        references=(
            "MiDi: mixed graph and 3D denoising diffusion for molecule generation (Vignac et al., 2023), "
            "arXiv:2302.09048",
            "Flow matching for generative modeling (Lipman et al., 2023), arXiv:2210.02747",
            "Generating focused molecule libraries for drug discovery with recurrent neural networks (Segler et al., "
            "2018), doi:10.1021/acscentsci.7b00512",
            "Quantum chemistry structures and properties of 134 kilo molecules (Ramakrishnan et al., 2014), "
            "doi:10.1038/sdata.2014.22",
        ),
        further=(keep_failed,),
    )


def _source(molecules: Path | None, largest: int) -> tuple[Archive, tuple[int, ...], int, Split]:
    """Where molecules come from, of which elements they are, how many atoms they have, and how they are shared out."""
    if molecules is not None:
        own = MoleculeFile(molecules, largest)
        x = own.read().array  # a file shows its elements when it is read
        return own, tuple(int(z) for z in np.unique(numbers(x)) if z), x.shape[1], Split(75, 10, 15)
    if any((folder / NAME).is_file() for folder in data.folders()):
        return QM9(largest=largest), PLAIN, largest, Split(93, 3, 4)
    return Conformers(largest=largest), PLAIN, largest, Split(75, 10, 15)
