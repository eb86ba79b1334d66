"""Molecules as graphs: what the studies of them share: source, sorts of atoms, judges."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from simulacra.core import data
from simulacra.domains.graphs.matrices import edges
from simulacra.domains.molecules.atom_codes import coded
from simulacra.judging.base import Judge
from simulacra.running.split import Split
from simulacra.sources.base import Archive
from simulacra.sources.molecules.grown_graphs import GrownGraphs
from simulacra.sources.molecules.molecule_graph_file import MoleculeGraphFile
from simulacra.sources.molecules.qm9 import NAME
from simulacra.sources.molecules.qm9_graphs import QM9Graphs
from simulacra.statistics.graphs.graph_size import GraphSize
from simulacra.statistics.molecules.atoms_and_bonds import AtomsAndBonds
from simulacra.statistics.molecules.graph_rings import GraphRings
from simulacra.statistics.molecules.graph_validity import GraphValidity
from simulacra.statistics.molecules.valence_by_element import ValenceByElement

CHARGED = ((7, 0), (7, 1), (7, -1), (6, 0), (6, 1), (6, -1), (8, 0), (8, 1), (8, -1))
"""Elements and charges of QM9's heavy atoms."""
SEATS = {False: 9, True: 29}
"""QM9's largest molecule, without and with hydrogens."""
REFERENCES = (
    "DiGress: discrete denoising diffusion for graph generation (Vignac et al., 2023), arXiv:2209.14734",
    "DeFoG: discrete flow matching for graph generation (Qin et al., 2024), arXiv:2410.04263",
    "Quantum chemistry structures and properties of 134 kilo molecules (Ramakrishnan et al., 2014), "
    "doi:10.1038/sdata.2014.22",
)


def source_of(molecules: Path | None, hydrogens: bool) -> tuple[Archive, Split]:
    """Where molecules come from, and how they are shared out."""
    if molecules is not None:
        return MoleculeGraphFile(molecules, hydrogens), Split(75, 10, 15)
    if any((folder / NAME).is_file() for folder in data.folders()):
        return QM9Graphs(hydrogens=hydrogens), Split(93, 3, 4)
    return GrownGraphs(hydrogens=hydrogens), Split(75, 10, 15)


def atoms_and_bonds(source: Archive, hydrogens: bool) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """The sorts of atoms and of bonds of a source, and how many atoms its largest molecule has."""
    if not isinstance(source, MoleculeGraphFile):
        codes = {int(coded(np.array(z), np.array(q))) for z, q in CHARGED} | ({1} if hydrogens else set())
        return tuple(sorted(codes)), (1, 2, 3), SEATS[hydrogens]
    x = source.read().array  # a file shows its elements when it is read
    nodes = np.unique(np.diagonal(x, axis1=1, axis2=2))
    return tuple(int(v) for v in nodes if v), tuple(int(v) for v in np.unique(edges(x)) if v) or (1,), x.shape[1]


def judges_of(hydrogens: bool) -> dict[str, Judge]:
    """Whether they are molecules, of which atoms and bonds, with which valences and rings, and how large."""
    return {
        "validity": Judge(GraphValidity(), reach=0.04),
        "valences": Judge(ValenceByElement(), reach=0.16),
        "atoms and bonds": Judge(AtomsAndBonds(), reach=0.16),
        "rings": Judge(GraphRings(), reach=0.16),
        "size": Judge(GraphSize(), reach=0.04),
    }
