"""Do molecules hold together that are spelled first, and brought into shape by a flow along their bonds?"""

from __future__ import annotations

from pathlib import Path

from simulacra.baselines.copycat import copycat
from simulacra.baselines.force_field_shapes import force_field_shapes
from simulacra.diffusion.bonded import atom_features, pair_features
from simulacra.exhibits.failed_draws import keep_failed
from simulacra.models.graph_and_space import GraphAndSpace
from simulacra.models.shape_flow import ShapeFlow
from simulacra.models.token_sequence import TokenSequence
from simulacra.networks.shape_network import ShapeNetwork
from simulacra.networks.token_reader import TokenReader
from simulacra.running.study import Study
from simulacra.subjects.molecules_in_space import RAMAKRISHNAN, budget, judges, source_of
from simulacra.views.bonded_atoms import BondedAtoms
from simulacra.views.grammar import Grammar
from simulacra.views.spelling import Spelling


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
    source, elements, seats, split = source_of(molecules, largest)
    spelling = Spelling(seats, elements)
    grammar = Grammar(elements, seats) if Grammar.spells(elements) else None
    strings = TokenSequence(TokenReader(spelling.size, 64, memory), seats, grammar=grammar)
    heads = max(k for k in (1, 2, 3, 4, 6, 8) if width % k == 0)
    network = ShapeNetwork(atom_features(len(elements)), pair_features(), width, max(4, width // 2), blocks, heads)
    return Study(
        source=source,
        view=BondedAtoms(seats, elements, kekule=grammar is not None),
        model=GraphAndSpace(strings, ShapeFlow(network, elements, walk), spelling),
        judges=judges(),
        baselines={"copycat": copycat, "force field": force_field_shapes},
        budget=budget(steps, 64, {"strings": 3e-3, "shapes": 1.5e-3}),
        split=split,
        references=(
            "MiDi: mixed graph and 3D denoising diffusion for molecule generation (Vignac et al., 2023), "
            "arXiv:2302.09048",
            "Flow matching for generative modeling (Lipman et al., 2023), arXiv:2210.02747",
            "Generating focused molecule libraries for drug discovery with recurrent neural networks (Segler et al., "
            "2018), doi:10.1021/acscentsci.7b00512",
            RAMAKRISHNAN,
        ),
        further=(keep_failed,),
    )
