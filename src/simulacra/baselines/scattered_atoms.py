"""Scattered atoms: the right elements at places without chemistry, the floor of every statistic of bonds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.molecules.atoms import KIND, filled, places, sizes
from simulacra.sources.base import Simulator


def scattered_atoms(train: Samples) -> Simulator:
    """Atoms of a training molecule, each in a place of a normal law as wide as that molecule along its own axes."""
    if train.kind != KIND or not len(train):
        raise BadInput("atoms are scattered of molecules in space", f"{train!r}", "take another baseline")
    return ScatteredAtoms(train)


@dataclass(frozen=True, repr=False, eq=False)
class ScatteredAtoms:
    """Sizes, elements and extent of training molecules, and nothing else of them.

    Args:
        train: the molecules.
    """

    train: Samples

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """Draw n molecules."""
        names = np.arange(n).astype(str)
        some = self.train[rng.integers(len(self.train), size=n)]
        x = some.array.copy()
        here, count = filled(x)[..., None], sizes(x)[:, None, None]
        where = places(x) * here
        middle = where.sum(axis=1, keepdims=True) / count
        away = (where - middle) * here
        spread = np.einsum("nai,naj->nij", away, away) / count
        value, axis = np.linalg.eigh(spread)
        fresh = rng.standard_normal(where.shape) * np.sqrt(np.maximum(value, 0))[:, None, :]
        x[..., 1:] = np.einsum("nak,nik->nai", fresh, axis) * here
        origin = f"scattered atoms of {len(self.train)} training molecules: {self.train.origin}"
        return some.but(x=x, id=names, group=names, origin=origin)

    def __repr__(self) -> str:
        return f"ScatteredAtoms({self.train!r})"
