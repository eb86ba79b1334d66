"""Stability of molecules in space: whether the bonds of every atom add up to its valence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.molecules import stability
from simulacra.domains.molecules.atoms import sizes
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class Stability:
    """The share of a molecule's atoms that is stable, and whether all are, by the rule of distances.

    The rule is a convention: true molecules break it too, QM9's own in 4 of 100. See `domains/stability.py`.

    References:
        Equivariant diffusion for molecule generation in 3D (Hoogeboom et al., 2022), arXiv:2203.17003
    """

    accepts: ClassVar[tuple[str, ...]] = ("molecule",)
    defect: ClassVar[str] = "{amount:.1%} of the molecules with an atom pulled off by 1 Å"
    amounts: ClassVar[tuple[float, ...]] = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 2"]:
        """Two numbers a molecule."""
        found = stability.by_distance(x.array)
        return np.column_stack([found.shares, found.molecules]).astype(np.float64)

    def axis(self, x: Samples) -> Axis:
        """Shares, by name."""
        return Axis("share that is stable", "of", "1", ("atoms", "molecule"))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """This share of the molecules with the last atom pulled away from the middle; always the same ones."""
        return x.but(x=pulled(x, amount, 1.0))


def pulled(x: Samples, amount: float, far: float) -> Float[np.ndarray, "n seats 4"]:
    """The molecules, this share of them with the last atom so much farther from the middle, Å."""
    values = x.array.copy()
    some = np.random.default_rng(0).permutation(len(x))[: round(amount * len(x))]
    count = sizes(values)[some]
    last = values[some, count - 1, 1:]
    middle = values[some, :, 1:].sum(axis=1) / count[:, None]
    away = last - middle
    length = np.linalg.norm(away, axis=1, keepdims=True)
    unit = np.where(length > 0, away / np.maximum(length, 1e-9), np.array([1.0, 0, 0]))
    values[some, count - 1, 1:] = last + far * unit
    return values
