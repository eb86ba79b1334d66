"""Do molecules come out whole that are spelled, token by token, which is the cheap rival of diffusion?"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from simulacra.baselines.copycat import copycat
from simulacra.domains.molecules.atom_codes import elements
from simulacra.models.spelled_graphs import SpelledGraphs
from simulacra.models.token_sequence import TokenSequence
from simulacra.networks.token_reader import TokenReader
from simulacra.running.study import Study
from simulacra.subjects.molecule_graphs import REFERENCES, atoms_and_bonds, judges_of, source_of
from simulacra.training.budget import Budget
from simulacra.views.grammar import Grammar
from simulacra.views.graph_spelling import GraphSpelling
from simulacra.views.spelled_graphs import SpelledGraphs as Spelled
from simulacra.views.spelling import Spelling


def study(
    molecules: Path | None = None,
    hydrogens: bool = False,
    memory: int = 256,
    layers: int = 1,
    length: int = 32,
    steps: int = 6000,
) -> Study:
    """Small organic molecules as graphs, by a recurrent network that spells their canonical SMILES.

    Where the grammar of valences knows all elements, only tokens may follow with which the string can still become a
    molecule. A string that spells none (of too many atoms, or in another way) has failed, and is counted among the
    draws.

    Args:
        molecules: your own .smi, .smiles, .csv or .sdf; None takes QM9's from the data folder, or, where they are not,
            molecules grown by program.
        hydrogens: whether these are atoms of the judged graphs; strings imply them either way.
        memory: features of the network's state.
        layers: of the network.
        length: tokens of a string at most.
        steps: training steps.
    """
    source, split = source_of(molecules, hydrogens)
    codes, _, seats = atoms_and_bonds(source, hydrogens)
    atoms = tuple(sorted({1, *np.unique(elements(np.array(codes))).tolist()}))
    most = 0 if hydrogens else seats  # strings imply hydrogens
    grammar = Grammar(atoms, length, most) if Grammar.spells(atoms) else None
    strings = TokenSequence(TokenReader(Spelling().size, 64, memory, layers), length, grammar=grammar)
    return Study(
        source=source,
        view=Spelled(length, seats, kekule=grammar is not None),
        model=SpelledGraphs(strings, GraphSpelling(seats, length, hydrogens)),
        judges=judges_of(hydrogens),
        baselines={"copycat": copycat},
        budget=Budget(
            steps,
            batch=256,
            rate=3e-3,
            average=0.998,
            final=0.02,
            warmup=min(100, steps // 4),
            precision="bf16-mixed",
            clip=1.0,
            looks=1,
            glances=0,
        ),
        split=split,
        references=(
            *REFERENCES,
            "Generating focused molecule libraries for drug discovery with recurrent neural networks (Segler et al., "
            "2018), doi:10.1021/acscentsci.7b00512",
        ),
    )
