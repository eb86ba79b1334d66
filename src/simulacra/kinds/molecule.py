"""Molecules in space: an atomic number and a place for each atom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.domains.likeness.alike import Likeness
from simulacra.domains.molecules.atoms import UNIT, reseated
from simulacra.kinds.base import Kind

RARE = (
    "OC(=O)C", "COC=O", "NC(=O)O", "CC=NO", "CC(C)=O", "CN(C)C", "OC=C", "Cc1ccccc1", "c1cn[nH]c1", "CNO", "CC#C",
    "C[NH2+]CC(=O)[O-]", "CC=O", "NC=O", "CC=N", "C1CN1", "C1CCC1", "C1CCCC1", "C1CCCCC1", "C1CCCCCC1", "C1CC2CC12",
    "c1ccccc1", "C=C", "O", "COC",
)  # fmt: skip
SEATS = 24


class Molecule(Kind):
    """Atoms by number and place, Å; turns, mirror images, shifts and the order of the atoms are irrelevant."""

    noun: ClassVar[str] = "molecules in space"
    shape: ClassVar[str] = "(n, seats, 4): atomic number (0: an empty seat), x, y, z"
    extra: ClassVar[str] = "chemistry"
    chained: ClassVar[int] = 4
    frames: ClassVar[int] = 41
    written: ClassVar[dict[str, str]] = {
        ".sdf": "molecules with bonds",
        ".xyz": "molecules as atoms",
        ".extxyz": "the same, with named columns",
        ".smi": "molecules as SMILES",
    }

    def fits(self, x: Array) -> bool:
        """Seats of four numbers."""
        return x.ndim == 3 and x.shape[-1] == 4

    def likeness(self, x: Samples) -> Likeness:
        """By the eigenvalues of the Coulomb matrix."""
        from simulacra.domains.likeness.same_shape import Shapes

        return Shapes()

    def alike(self, sets: Sequence[Samples]) -> list[Samples]:
        """In as many seats."""
        seats = max(x.array.shape[1] for x in sets)
        return [x.but(x=reseated(x.array, seats)) for x in sets]

    def strangers(self, x: Samples, n: int, rng: np.random.Generator) -> Array:
        """The same atoms at places without chemistry."""
        some = x.array[rng.integers(len(x), size=n)].copy()
        here = some[..., :1] > 0
        some[..., 1:] = np.where(here, 2.0 * rng.standard_normal(some[..., 1:].shape), some[..., 1:])
        return some

    def write(self, x: Samples, path: Path) -> None:
        """What does not hold together is kept and marked."""
        from simulacra.domains.molecules.molecule_writing import write_molecules

        write_molecules(x, path)

    def tally(self, sets: Mapping[str, Samples], train: Samples | None) -> dict[str, Any]:
        """How many molecules hold together, are valid, different and new."""
        from simulacra.domains.molecules.tally import score_molecules

        return {"molecules": score_molecules(sets, train)}

    def example(self, n: int, rng: np.random.Generator) -> Samples:
        """Small molecules; of twenty, one has two atoms on one spot, one an atom too far, and one fluorine.

        Every second one of the first fifty has a ring or a group that is rare, or a fault that is.
        """
        whole, rare = _built()
        x = whole[rng.integers(len(whole), size=n)]
        x[: 2 * len(rare) : 2] = rare[: (n + 1) // 2]
        x[1::4, :, 1:] += 0.02 * rng.standard_normal(x[1::4, :, 1:].shape) * (x[1::4, :, :1] > 0)  # at no force's rest
        x[7::20, 1, 1:] = x[7::20, 0, 1:] + 0.5
        x[13::20, 1, 1:] += 4.0
        x[17::20, 0, 0] = 9
        return Samples.of(x, "molecule", UNIT, "small molecules, some with a fault")


@cache
def _built() -> tuple[Array, Array]:
    """The molecules of up to three heavy atoms; and some of rare groups, three of them out of shape."""
    from scipy.spatial.transform import Rotation

    from simulacra.domains.molecules.grown_molecules import grown
    from simulacra.domains.molecules.molecule_graphs import embedded, from_rdkit

    rare = reseated(from_rdkit([embedded(text, 1) for text in RARE]), SEATS)
    benzene, ethene, water = (rare[RARE.index(text), :, 1:] for text in ("c1ccccc1", "C=C", "O"))
    benzene[[0, 3, 6, 9]] += 0.45 * np.linalg.svd(benzene[:6] - benzene[:6].mean(axis=0))[2][-1]
    axis = ethene[1] - ethene[0]
    turn = Rotation.from_rotvec(-np.radians(60) * axis / np.linalg.norm(axis)).as_matrix()
    ethene[4:6] = ethene[1] + (ethene[4:6] - ethene[1]) @ turn
    water[3:6] = water[:3] + np.array([1.8, 0, 0])
    rare[RARE.index("O"), 3:6, 0] = rare[RARE.index("O"), :3, 0]
    shapes = [shape for text in grown(3) if (shape := embedded(text, 1)) is not None]
    return reseated(from_rdkit(shapes), SEATS), rare
