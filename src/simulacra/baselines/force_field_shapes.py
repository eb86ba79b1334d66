"""Known molecules in shapes of a force field: what a chemist would do without a model of shapes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.progress import Progress
from simulacra.core.samples import Samples
from simulacra.domains.molecules.atoms import KIND, molecules, reseated
from simulacra.sources.base import Simulator

ROUNDS = 20
"""Molecules that are tried for one draw, at most."""


def force_field_shapes(train: Samples) -> Simulator:
    """Graphs of training molecules in fresh shapes: distance geometry (ETKDG), then the force field MMFF94."""
    if train.kind != KIND or not len(train):
        raise BadInput("shapes are made of molecules in space", f"{train!r}", "take another baseline")
    return ForceFieldShapes(train)


@dataclass(frozen=True, repr=False, eq=False)
class ForceFieldShapes:
    """Shapes by program of molecules whose bonds are those of the training set; needs the extra "chemistry".

    A molecule that cannot be embedded is replaced by another.

    Args:
        train: whose bonds they are.

    References:
        Better informed distance geometry: using what we know to improve conformation generation (Riniker & Landrum,
        2015), doi:10.1021/acs.jcim.5b00654
        Merck molecular force field. I (Halgren, 1996), doi:10.1002/(SICI)1096-987X(199604)17:5/6<490::AID-JCC1>3.0.CO
    """

    train: Samples

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """Draw n molecules."""
        from simulacra.domains.molecules.bond_graphs import graphs_in_space
        from simulacra.domains.molecules.molecule_graphs import embedded, from_rdkit

        seats, found = self.train.array.shape[1], list[np.ndarray]()
        with Progress("folding molecules by a force field", n) as progress:
            for _ in range(ROUNDS):
                some = self.train.array[rng.integers(len(self.train), size=n - len(found))]
                for text in graphs_in_space(some).strings:
                    made = embedded(text, int(rng.integers(2**31 - 1))) if text else None
                    if made is not None and made.GetNumAtoms() <= seats:
                        found.append(reseated(from_rdkit([made]), seats)[0])
                        progress.step()
                if len(found) == n:
                    break
        if len(found) < n:
            raise BadInput("too few molecules can be embedded", f"{len(found)} of {n}", "take another baseline")
        origin = f"ETKDG and MMFF94 on the bonds of {len(self.train)} training molecules: {self.train.origin}"
        return molecules(np.array(found), origin)

    def __repr__(self) -> str:
        return f"ForceFieldShapes({self.train!r})"
