"""Molecules as graphs: elements with charges and bonds, no places in space."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.domains.graphs import matrices
from simulacra.domains.likeness.alike import Likeness
from simulacra.domains.molecules.atom_codes import KIND, coded, legal
from simulacra.kinds.base import Kind

RARE = (
    "C1C2CC12", "C1CC2CC12", "c1ccccc1", "c1cn[nH]c1", "C1CC1", "C1CCC1", "C1CCCC1", "C1CCCCCC1", "C#CC#N", "O=C=O",
    "C[N+](C)(C)C", "C[NH2+]CC(=O)[O-]", "FC(F)F", "CS(=O)(=O)C", "C12C3C1C23", "c1ccc2[nH]ccc2c1", "[H][H]",
)  # fmt: skip
SEATS = 12


class MoleculeGraph(Kind):
    """A symmetric matrix a molecule: atoms by element and charge on the diagonal, bonds off it; any order of atoms."""

    discrete: ClassVar[bool] = True
    noun: ClassVar[str] = "molecules as graphs"
    shape: ClassVar[str] = (
        "(n, seats, seats), whole numbers: an atom's number (0: none; +128 with charge +1, +256 with −1), bonds 1 to 4"
    )
    extra: ClassVar[str] = "chemistry"
    chained: ClassVar[int] = 4
    frames: ClassVar[int] = 11
    written: ClassVar[dict[str, str]] = {
        ".sdf": "molecules with bonds, without places",
        ".smi": "molecules as SMILES; an empty line for one that is not valid",
        ".graphml": "graphs, one after another in one file",
    }

    asked_by: ClassVar[dict[str, str]] = {
        ".sdf": "molecule_graph_file",
        ".smi": "molecule_graph_file",
        ".smiles": "molecule_graph_file",
        ".txt": "molecule_graph_file",
        ".csv": "molecule_graph_file",
        ".tsv": "molecule_graph_file",
    }

    def fits(self, x: Array) -> bool:
        """Matrices of atoms that there are and bonds from 1 to 4."""
        return (
            matrices.fits(x) and legal(np.diagonal(x, axis1=1, axis2=2)) and int(matrices.edges(x).max(initial=0)) < 5
        )

    def likeness(self, x: Samples) -> Likeness:
        """By the SMILES that spells both."""
        from simulacra.domains.likeness.same_bonds import Bonds  # it needs the extra

        return Bonds()

    def alike(self, sets: Sequence[Samples]) -> list[Samples]:
        """In as many seats."""
        seats = max(x.array.shape[1] for x in sets)
        return [x.but(x=np.pad(x.array, [(0, 0), *[(0, seats - x.array.shape[1])] * 2])) for x in sets]

    def strangers(self, x: Samples, n: int, rng: np.random.Generator) -> Array:
        """The same atoms with bonds between any two of them: hardly any is a molecule."""
        some = x.array[rng.integers(len(x), size=n)].copy()
        there, seats = matrices.here(some), np.arange(some.shape[1])
        upper = np.triu(rng.integers(1, 4, some.shape) * (rng.random(some.shape) < 0.4), 1)
        bonds = (upper + upper.swapaxes(1, 2)) * (there[:, :, None] & there[:, None, :])
        bonds[:, seats, seats] = some[:, seats, seats]
        return np.asarray(bonds.astype(x.array.dtype))

    def write(self, x: Samples, path: Path) -> None:
        """What is no molecule is kept and marked."""
        from simulacra.domains.molecules.matrix_writing import write_graphs  # it needs the extra

        write_graphs(x, path)

    def tally(self, sets: Mapping[str, Samples], train: Samples | None) -> dict[str, Any]:
        """How many are valid, of one piece, different and new, as published."""
        from simulacra.domains.molecules.matrix_tally import score_molecule_graphs

        return {"molecule graphs": score_molecule_graphs(sets, train)}

    def example(self, n: int, rng: np.random.Generator) -> Samples:
        """Small molecules without their hydrogens; a few have a fault, and every second of the first is rare."""
        whole, rare, broken = _built()
        x = whole[rng.integers(len(whole), size=n)]
        x[: 2 * len(rare) : 2] = rare[: (n + 1) // 2]
        for fault, (first, step) in zip(broken, ((7, 20), (13, 20), (17, 20), (19, 40)), strict=True):
            x[first::step] = fault
        return Samples.of(x, KIND, origin="small molecules, some with a fault")


@cache
def _built() -> tuple[Array, Array, Array]:
    """Molecules of up to four heavy atoms, some that are rare, and four that are none."""
    from simulacra.domains.molecules.grown_molecules import grown
    from simulacra.domains.molecules.matrix_molecules import matrices_of

    whole, _ = matrices_of(grown(4))
    rare, _ = matrices_of(RARE)
    carbon = coded(np.array(6), np.array(0))
    broken = np.zeros((4, SEATS, SEATS), dtype=np.int16)
    at = np.arange(SEATS)
    for fault, atoms in zip(broken, (10, 5, 4, 7), strict=True):
        fault[at[:atoms], at[:atoms]] = carbon
    broken[0, 0, 1:10] = broken[0, 1:10, 0] = 1  # a carbon with nine neighbors
    broken[1, :5, :5] += 1 - np.eye(5, dtype=np.int16)  # five, each bound to all others
    broken[2, [0, 2], [1, 3]] = broken[2, [1, 3], [0, 2]] = 2  # two pieces
    broken[3, at[:6], at[1:7]] = broken[3, at[1:7], at[:6]] = 3  # a chain of triple bonds
    broken[3, 1, 3] = broken[3, 3, 1] = 1
    wide, odd = (np.pad(x, [(0, 0), *[(0, SEATS - x.shape[1])] * 2]) for x in (whole, rare))
    return wide, odd, broken
