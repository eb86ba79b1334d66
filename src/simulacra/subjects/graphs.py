"""Graphs without types: the sets that the studies of them share, and their judges."""

from __future__ import annotations

from typing import Literal

from simulacra.core import data
from simulacra.judging.base import Judge
from simulacra.running.split import Split
from simulacra.sources.base import Archive, Simulator
from simulacra.sources.graphs.graph_benchmark import FILES, SEATS, GraphBenchmark
from simulacra.sources.graphs.planar_graphs import PlanarGraphs
from simulacra.sources.graphs.stochastic_blocks import StochasticBlocks
from simulacra.statistics.graphs.connectedness import Connectedness
from simulacra.statistics.graphs.graph_size import GraphSize
from simulacra.statistics.graphs.laplacian_spectrum import LaplacianSpectrum
from simulacra.statistics.graphs.local_clustering import LocalClustering
from simulacra.statistics.graphs.node_degrees import NodeDegrees
from simulacra.statistics.graphs.orbit_counts import OrbitCounts
from simulacra.statistics.graphs.planarity import Planarity

Name = Literal["community", "ego", "enzymes", "grid", "planar", "blocks"]
SMALL = StochasticBlocks(2, 2, 6, 10, 0.7, 0.05)
"""Communities as the published small ones, where their file is not at hand."""
REFERENCES = (
    "DiGress: discrete denoising diffusion for graph generation (Vignac et al., 2023), arXiv:2209.14734",
    "DeFoG: discrete flow matching for graph generation (Qin et al., 2024), arXiv:2410.04263",
    "GraphRNN: generating realistic graphs with deep auto-regressive models (You et al., 2018), arXiv:1802.08773",
    "SPECTRE: spectral conditioning helps to overcome the expressivity limits of one-shot graph generators (Martinkus "
    "et al., 2022), arXiv:2204.01613",
)


def source_of(name: Name) -> tuple[Archive | Simulator, Split, int]:
    """Where the graphs of a set come from, how they are shared out, and how many nodes the largest has."""
    if name == "planar":
        return PlanarGraphs(64), Split(256, 64, 128), 64
    if name == "blocks":
        return StochasticBlocks(), Split(256, 64, 128), StochasticBlocks().seats
    if any((folder / FILES[name]).is_file() for folder in data.folders()) or name != "community":
        return GraphBenchmark(name), Split(64, 16, 20), SEATS[name]
    return SMALL, Split(400, 100, 200), SMALL.seats


def judges_of(name: Name) -> dict[str, Judge]:
    """Degrees, clustering, orbits, spectra, parts and size; of planar graphs and grids planarity too."""
    judges = {
        "degrees": Judge(NodeDegrees(), reach=0.32),
        "clustering": Judge(LocalClustering(), reach=0.32),
        "orbits": Judge(OrbitCounts(), reach=0.32),
        "spectrum": Judge(LaplacianSpectrum(), reach=0.32),
        "connectedness": Judge(Connectedness(), reach=0.32),
        "size": Judge(GraphSize(), reach=0.64),
    }
    return judges | ({"planarity": Judge(Planarity(), reach=0.32)} if name in ("planar", "grid") else {})
