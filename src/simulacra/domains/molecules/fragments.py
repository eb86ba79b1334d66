"""Fragments: into how many pieces a molecule in space falls, and whether its electrons pair up."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from simulacra.domains.molecules.atoms import distances, numbers, parts, sizes
from simulacra.domains.molecules.bond_orders import MARGINS, limits

SLACK = 0.5  # Å by which a bond may be longer than a single bond before a record counts as torn
UNKNOWN = 2.5  # Å below which elements are neighbors that no table knows


def labels(
    bond: Bool[np.ndarray, "n seats seats"], here: Bool[np.ndarray, "n seats"]
) -> tuple[Int[np.ndarray, "n seats"], Int[np.ndarray, " n"]]:
    """The number of each atom's piece, -1 in empty seats; and how many pieces each molecule has.

    Args:
        bond: which pairs are bound.
        here: which seats hold an atom.
    """
    n, seats = here.shape
    molecule, first, second = np.nonzero(bond)
    graph = coo_array(
        (np.ones(len(molecule), dtype=np.int8), (molecule * seats + first, molecule * seats + second)),
        shape=(n * seats, n * seats),
    )
    piece = connected_components(graph, directed=False)[1].reshape(n, seats)
    piece = np.where(here, piece, -1)
    ordered = np.sort(piece, axis=1)
    fresh = (np.diff(ordered, axis=1, prepend=-1) != 0) & (ordered >= 0)
    return piece, fresh.sum(axis=1)


def neighbors(x: Float[np.ndarray, "n seats 4"]) -> Bool[np.ndarray, "n seats seats"]:
    """Atoms near enough to belong together, far more generously than a bond of the tables."""
    kinds = numbers(x)
    reach = np.where(limits()[0] > 0, limits()[0] - MARGINS[0] / 100 + SLACK, UNKNOWN)
    found = np.zeros((len(x), x.shape[1], x.shape[1]), dtype=bool)
    for some in parts(len(x), x.shape[1]):
        z = kinds[some]
        found[some] = distances(x[some]) < reach[z[:, :, None], z[:, None, :]]
    return found


def torn(x: Float[np.ndarray, "n seats 4"]) -> Bool[np.ndarray, " n"]:
    """Whether a molecule lies in several pieces, by any reading of its distances."""
    whole = np.zeros(len(x), dtype=bool)
    count = sizes(x)
    for size in np.unique(count):  # by size, so that empty seats cost nothing
        some = np.flatnonzero(count == size)
        for part in parts(len(some), max(int(size), 1)):
            at = some[part]
            few = x[at, : max(int(size), 1)]
            whole[at] = labels(neighbors(few), numbers(few) > 0)[1] <= 1
    return ~whole


def unpaired(x: Float[np.ndarray, "n seats 4"], charge: Int[np.ndarray, " n"]) -> Bool[np.ndarray, " n"]:
    """Whether a molecule of this charge has an odd number of electrons: a radical for certain."""
    return np.asarray((numbers(x).sum(axis=1) - charge) % 2 == 1)
