"""The sets by which models of graphs are published: communities, neighborhoods of papers, enzymes, grids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from simulacra.core import data
from simulacra.core.samples import Samples
from simulacra.domains.likeness.same_graph import Graphs
from simulacra.sources.graphs.graph_file import GraphFile

Name = Literal["community", "ego", "enzymes", "grid"]
FILES = {
    "community": "graphs/gdss_community_small.npz",
    "ego": "graphs/gdss_ego_small.npz",
    "enzymes": "graphs/gdss_ENZYMES.npz",
    "grid": "graphs/gdss_grid.npz",
}
"""Where each lies below a data folder: `n_nodes`, `n_edges`, `edges`."""
SEATS = {"community": 20, "ego": 17, "enzymes": 125, "grid": 361}
"""Nodes of the largest graph."""
ABOUT = {
    "community": "100 random graphs of two communities, 12 to 20 nodes",
    "ego": "200 neighborhoods of papers in Citeseer, 4 to 17 nodes",
    "enzymes": "587 graphs of protein structures from BRENDA, 10 to 125 nodes",
    "grid": "100 rectangular grids, 110 to 361 nodes",
}


@dataclass(frozen=True)
class GraphBenchmark:
    """One of four published sets, (n, seats, seats) of kind "graph", without types.

    Three of them repeat themselves: of the communities 52 of 100 are different, of the neighborhoods 82 of 200, of the
    grids 46 of 100. Equal graphs (by spectra) form a group, which no split tears: split at random, as the field does,
    much of the test set is in the training set.

    Args:
        name: "community", "ego", "enzymes" or "grid".

    References:
        GraphRNN: generating realistic graphs with deep auto-regressive models (You et al., 2018), arXiv:1802.08773
        Score-based generative modeling of graphs via the system of stochastic differential equations (Jo et al., 2022),
        arXiv:2202.02514
    """

    kind: ClassVar[str] = "graph"

    name: Name = "community"

    def read(self) -> Samples:
        """All graphs, in the order of the file."""
        path = data.find(FILES[self.name], fix="an npz with n_nodes, n_edges, edges; or name your own file")
        found = GraphFile(path).read()
        spectra = np.round(Graphs().ready(found.array), 6)
        group = np.unique(spectra, axis=0, return_inverse=True)[1].reshape(-1)
        about = f"{ABOUT[self.name]}, {group.max() + 1} of them different"
        return found.but(
            origin=f"{about} ({path.name}, as published with GDSS)", group=np.char.add("graph ", group.astype(str))
        )
