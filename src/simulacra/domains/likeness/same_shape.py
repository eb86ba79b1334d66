"""When two molecules in space are one and the same, and how near two shapes are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float, Int

from simulacra.core.samples import Array
from simulacra.domains.molecules.atoms import distances, numbers, parts

NEAREST = 0.2  # Å: atoms of a failed draw may lie on one another, and their repulsion must stay a number


@dataclass(frozen=True, eq=False)
class Shapes:
    r"""Molecules by the eigenvalues of their Coulomb matrix, which no turn, mirror, shift or order of atoms changes.

    $M_{ii} = \frac12 Z_i^{2.4}$ and $M_{ij} = Z_i Z_j / d_{ij}$, d in Å. Two of one shape are at distance 0; two shapes
    of the same atoms are as far apart as their repulsions differ.

    References:
        Fast and accurate modeling of molecular atomization energies with machine learning (Rupp et al., 2012),
        doi:10.1103/PhysRevLett.108.058301
    """

    blind: ClassVar[str] = "turns, mirror images, shifts and the order of the atoms"

    def ready(self, x: Array) -> Array:
        """The eigenvalues, largest first; zeros for empty seats."""
        return spectra(x)

    def sketches(self, x: Array) -> list[Float[np.ndarray, "n k"]]:
        """The eigenvalues themselves."""
        return [x]

    def apart(self, x: Array, y: Array, version: Int[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
        """Euclidean distance of the eigenvalues."""
        return np.asarray(np.linalg.norm(x - y, axis=1), dtype=np.float64)


def spectra(x: Float[np.ndarray, "n seats 4"]) -> Float[np.ndarray, "n seats"]:
    """The eigenvalues of each molecule's Coulomb matrix by falling size, with zeros for empty seats last."""
    found = np.zeros(x.shape[:2])
    for some in parts(len(x), x.shape[1]):
        z = numbers(x[some]).astype(np.float64)
        matrix = z[:, :, None] * z[:, None, :] / np.maximum(distances(x[some]), NEAREST)  # 0 over infinity to itself
        matrix[:, np.arange(x.shape[1]), np.arange(x.shape[1])] = 0.5 * z**2.4
        value = np.linalg.eigvalsh(matrix)  # an empty seat's is 0
        found[some] = np.take_along_axis(value, np.argsort(-np.abs(value), axis=1, kind="stable"), axis=1)
    return found
