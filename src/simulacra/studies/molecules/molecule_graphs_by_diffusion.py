"""Do molecules come out whole that are drawn as graphs, all atoms and bonds at once?"""

from __future__ import annotations

from pathlib import Path

from simulacra.baselines.copycat import copycat
from simulacra.diffusion.fading import Late
from simulacra.models.discrete_graph_diffusion import DiscreteGraphDiffusion, network_for
from simulacra.running.study import Study
from simulacra.samplers.graph_walks import Rates
from simulacra.subjects.molecule_graphs import REFERENCES, atoms_and_bonds, judges_of, source_of
from simulacra.training.budget import Budget
from simulacra.views.graph_types import GraphTypes


def study(
    molecules: Path | None = None,
    hydrogens: bool = False,
    width: int = 96,
    blocks: int = 6,
    walk: int = 50,
    stir: float = 0.0,
    steps: int = 4000,
) -> Study:
    """Small organic molecules as graphs, by discrete flow matching on a graph transformer.

    QM9 without fluorine where it is found, else molecules grown by program.

    Args:
        molecules: your own .smi, .smiles, .csv or .sdf; None takes QM9's from the data folder, or, where they are not,
            molecules grown by program.
        hydrogens: whether these are atoms of the graphs; else what valences leave over means hydrogens.
        width: features of an atom within the network; those of a pair are a third as many.
        blocks: of the network.
        walk: steps from noise to graph.
        stir: rate of jumps in detailed balance on the way.
        steps: training steps.
    """
    source, split = source_of(molecules, hydrogens)
    nodes, edges, seats = atoms_and_bonds(source, hydrogens)
    network, features = network_for(len(nodes), len(edges) + 1, seats, width, max(8, width // 3), blocks)
    return Study(
        source=source,
        view=GraphTypes(nodes, edges, seats),
        model=DiscreteGraphDiffusion(network, features, Late(), Rates(walk, stir)),
        judges=judges_of(hydrogens),
        baselines={"copycat": copycat},
        budget=Budget(
            steps,
            batch=256,
            rate=2e-3,
            average=0.998,
            final=0.02,
            warmup=min(100, steps // 4),
            clip=1.0,
            looks=1,
            glances=0,
            precision="bf16-mixed",
        ),
        split=split,
        references=REFERENCES,
    )
