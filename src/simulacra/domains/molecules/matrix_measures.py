"""What a chemist counts in a molecule's matrix: valences by element, atoms and bonds by sort, rings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Array
from simulacra.domains.graphs.matrices import edges, here
from simulacra.domains.molecules.atom_codes import AROMATIC, charges, elements
from simulacra.domains.molecules.matrix_molecules import KEPT, measured, sound
from simulacra.domains.molecules.moieties import RINGS

MOST: Mapping[int, int] = {1: 1, 5: 3, 6: 4, 7: 3, 8: 2, 9: 1, 14: 4, 15: 5, 16: 6, 17: 1, 35: 1, 53: 1}
"""The greatest valence of a neutral atom, by its number; others may have any."""
MORE = (7, 8, 15, 16)
"""Elements whose valence grows with a positive charge: it falls with any other charge of any other element."""
VALENCES = (
    "C with 1", "C with 2", "C with 3", "C with 4", "N with 1", "N with 2", "N with 3", "O with 1", "O with 2",
    "others", "charged", "too many",
)  # fmt: skip
"""Sorts of atoms by what their bonds add up to; an atom with more than its element allows is of the last sort alone."""
SORTS = ("H", "C", "N", "O", "F", "other atoms", "charged", "single", "double", "triple")
"""Atoms by element, and those with a charge; bonds by order."""


def bond_sums(x: Array) -> Float[np.ndarray, "n seats"]:
    """What the bonds of each atom add up to; an aromatic one counts 1.5."""
    bonds = edges(x).astype(np.float64)
    return np.asarray(np.where(bonds == AROMATIC, 1.5, bonds).sum(axis=2))


def allowed(code: Array) -> Float[np.ndarray, "..."]:
    """The greatest valence of each atom, by element and charge; infinite for elements without a rule."""
    number, charge = elements(code), charges(code)
    most = np.full(number.shape, np.inf)
    for element, valence in MOST.items():
        most[number == element] = valence
    shift = np.where(np.isin(number, MORE), charge, -np.abs(charge))
    return np.asarray(np.maximum(most + shift, 0))


def too_many(x: Array) -> Array:
    """Which seats hold an atom with more bonds than its element allows."""
    code = np.diagonal(x, axis1=1, axis2=2)
    return np.asarray(here(x) & (bond_sums(x) > allowed(code) + 0.5))


def valences(x: Array) -> Float[np.ndarray, "n sorts"]:
    """The share of each molecule's atoms of each sort of VALENCES; zeros for one without atoms."""
    code, total, over = np.diagonal(x, axis1=1, axis2=2), np.rint(bond_sums(x)), too_many(x)
    number, there = elements(code), here(x)
    plain = there & ~over & (charges(code) == 0)
    sorts, known = [], np.zeros_like(there)
    for name in VALENCES[:-3]:
        symbol, count = name.split(" with ")
        found = plain & (number == {"C": 6, "N": 7, "O": 8}[symbol]) & (total == int(count))
        sorts.append(found)
        known |= found
    charged = there & ~over & (charges(code) != 0)
    sorts += [plain & ~known, charged, over]
    return np.asarray(np.stack([s.sum(axis=1) for s in sorts], axis=1) / np.maximum(there.sum(axis=1), 1)[:, None])


def sorts(x: Array) -> Float[np.ndarray, "n sorts"]:
    """The share of each molecule's atoms of each element, and of its bonds of each order, as SORTS names them."""
    code, there = np.diagonal(x, axis1=1, axis2=2), here(x)
    number = np.where(there, elements(code), -1)
    of = [number == z for z in (1, 6, 7, 8, 9)]
    atoms = [*of, there & ~np.any(of, axis=0), there & (charges(code) != 0)]
    shares = [found.sum(axis=1) / np.maximum(there.sum(axis=1), 1) for found in atoms]
    bonds = np.triu(edges(x), 1)
    count = np.maximum((bonds > 0).sum(axis=(1, 2)), 1)
    return np.stack([*shares, *((bonds == order).sum(axis=(1, 2)) / count for order in (1, 2, 3))], axis=1)


def rings(x: Array) -> Float[np.ndarray, "n kinds"]:
    """How many rings of each sort a molecule has, as RINGS names them; NaN where valences are impossible."""
    return np.array(measured("counting rings", x, _rings), dtype=np.float64).reshape(len(x), len(RINGS))


@lru_cache(maxsize=KEPT)
def _rings(one: bytes) -> tuple[float, ...]:
    found = sound(one)
    if found is None:
        return (float("nan"),) * len(RINGS)
    info = found.GetRingInfo()
    sizes = [len(ring) for ring in info.AtomRings()]
    counts = [sizes.count(size) for size in (3, 4, 5, 6)] + [sum(size > 6 for size in sizes)]
    aromatic = sum(all(found.GetBondWithIdx(i).GetIsAromatic() for i in ring) for ring in info.BondRings())
    fused = sum(info.IsRingFused(i) for i in range(len(sizes)))
    return tuple(map(float, (*counts, aromatic, fused)))


__all__ = ["RINGS", "SORTS", "VALENCES", "allowed", "bond_sums", "rings", "sorts", "too_many", "valences"]
