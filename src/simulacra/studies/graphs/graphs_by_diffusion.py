"""Are graphs drawn by discrete diffusion like those of their set, in degrees, clustering, orbits and spectra?"""

from __future__ import annotations

from typing import Literal

from simulacra.baselines.copycat import copycat
from simulacra.baselines.random_graphs import random_graphs
from simulacra.diffusion.fading import Late
from simulacra.models.discrete_graph_diffusion import DiscreteGraphDiffusion, network_for
from simulacra.running.study import Study
from simulacra.samplers.graph_walks import Rates
from simulacra.subjects.graphs import REFERENCES, judges_of, source_of
from simulacra.training.budget import Budget
from simulacra.views.graph_types import GraphTypes


def study(
    graphs: Literal["community", "ego", "enzymes", "grid", "planar", "blocks"] = "community",
    width: int = 64,
    blocks: int = 4,
    walk: int = 100,
    stir: float = 0.0,
    batch: int = 32,
    steps: int = 2000,
) -> Study:
    """Graphs without types, by discrete flow matching on a graph transformer.

    Communities, neighborhoods, enzymes and grids are read from the data folder; planar graphs and block models are
    simulated, and so are communities where their file is not found.

    Args:
        graphs: the set: small communities, ego networks, enzymes, grids, planar graphs or stochastic blocks.
        width: features of a node within the network; those of a pair are a third as many.
        blocks: of the network.
        walk: steps from noise to graph.
        stir: rate of jumps in detailed balance on the way.
        batch: graphs in a step.
        steps: training steps.
    """
    source, split, seats = source_of(graphs)
    network, features = network_for(1, 2, seats, width, max(8, width // 3), blocks)
    return Study(
        source=source,
        view=GraphTypes((1,), (1,), seats),
        model=DiscreteGraphDiffusion(network, features, Late(), Rates(walk, stir)),
        judges=judges_of(graphs),
        baselines={"copycat": copycat, "random graphs": random_graphs},
        budget=Budget(
            steps,
            batch=batch,
            rate=2e-3,
            average=0.995,
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
