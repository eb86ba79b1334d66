"""Stability of molecules in space: whether each atom's bonds add up to its valence, by two rules.

*By distance*, as models of QM9 are compared: bonds by the distance tables of `bond_orders`, all hydrogens counted, and
an atom is stable where the orders of its bonds add up to its element's valence; charges are not known to this rule, so
that every zwitterion of QM9 is unstable by it, and so is a molecule with an unusually long bond. The data's own score
is therefore below 1, and it is the ceiling: print it beside every model's.

*By valence and charge*, stricter where it can be applied: bonds and formal charges are given, and the orders must add
up to a valence that the element has at this very charge. Nothing is rounded. An aromatic bond counts 1.5 and must be
written as single and double bonds before; H:O:H is unstable here, and so is a neutral carbon with three bonds, both of
which pass where valences are looked up by element alone and halves are rounded. The rules differ for charged atoms (an
ammonium is stable by this one alone), for sulfur and phosphorus, and wherever a length misses the table's margin.

References:
    Equivariant diffusion for molecule generation in 3D (Hoogeboom et al., 2022), arXiv:2203.17003
    GEOM-Drugs revisited: toward more chemically accurate benchmarks for 3D molecule generation (Nikitin et al., 2025),
    arXiv:2505.00169
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int, Real

from simulacra.core.errors import BadInput
from simulacra.core.samples import Array
from simulacra.domains.molecules.atoms import HEAVIEST, NUMBERS, SYMBOLS, filled, numbers
from simulacra.domains.molecules.bond_orders import orders

VALENCES = {
    "H": (1,), "C": (4,), "N": (3,), "O": (2,), "F": (1,), "B": (3,), "Al": (3,), "Si": (4,), "P": (3, 5),
    "S": (4,), "Cl": (1,), "As": (3,), "Br": (1,), "I": (1,), "Hg": (1, 2), "Bi": (3, 5),
}  # fmt: skip
"""The sums of bond orders by which an atom is stable in the rule by distance, as published."""

CHARGED: dict[str, dict[int, tuple[int, ...]]] = {
    "H": {0: (1,), 1: (0,)},
    "B": {0: (3,), -1: (4,)},
    "C": {0: (4,), 1: (3,), -1: (3,)},
    "N": {0: (3,), 1: (4,), -1: (2,)},
    "O": {0: (2,), 1: (3,), -1: (1,)},
    "F": {0: (1,), -1: (0,)},
    "Si": {0: (4,)},
    "P": {0: (3, 5), 1: (4,)},
    "S": {0: (2, 4, 6), 1: (3,), -1: (1,)},
    "Cl": {0: (1,), -1: (0,)},
    "Br": {0: (1,), -1: (0,)},
    "I": {0: (1,), -1: (0,)},
}
"""The sums of bond orders of a closed shell, by element and formal charge."""


@dataclass(frozen=True)
class Stability:
    """What is stable of some molecules.

    Args:
        atoms: whether each atom is stable; False in empty seats.
        here: which seats hold an atom.
    """

    atoms: Bool[np.ndarray, "n seats"]
    here: Bool[np.ndarray, "n seats"]

    @property
    def molecules(self) -> Bool[np.ndarray, " n"]:
        """Whether all atoms of a molecule are stable."""
        return np.asarray((self.atoms | ~self.here).all(axis=1))

    @property
    def shares(self) -> Float[np.ndarray, " n"]:
        """The share of each molecule's atoms that is stable."""
        return np.asarray(self.atoms.sum(axis=1) / np.maximum(self.here.sum(axis=1), 1), dtype=np.float64)

    @property
    def of_atoms(self) -> float:
        """The share of all atoms that is stable, as it is published."""
        return float(self.atoms.sum() / max(1, int(self.here.sum())))

    @property
    def of_molecules(self) -> float:
        """The share of the molecules that is stable."""
        return float(self.molecules.mean())


def by_distance(x: Float[np.ndarray, "n seats 4"]) -> Stability:
    """The rule by distance."""
    return stable_sums(x, orders(x))


def stable_sums(x: Float[np.ndarray, "n seats 4"], order: Int[np.ndarray, "n seats seats"]) -> Stability:
    """The rule by distance where the orders are known already."""
    fits = np.zeros((HEAVIEST + 1, 64), dtype=bool)
    for symbol, sums in VALENCES.items():
        fits[NUMBERS[symbol], list(sums)] = True
    total = np.minimum(order.sum(axis=2, dtype=np.int64), 63)
    return Stability(fits[numbers(x), total], filled(x))


def by_charge(
    elements: Int[np.ndarray, "n seats"],
    order: Real[np.ndarray, "n seats seats"],
    charge: Int[np.ndarray, "n seats"],
) -> Stability:
    """The rule by valence and charge.

    Args:
        elements: atomic numbers, 0 in empty seats.
        order: of the bond between each pair of atoms, symmetric: 0, 1, 2, 3, or 1.5 where it is aromatic.
        charge: formal charge of each atom.
    """
    if not np.array_equal(order, order.swapaxes(1, 2)):
        raise BadInput("a bond has another order from its other end", f"shape {order.shape}", "make it symmetric")
    total = order.sum(axis=2, dtype=np.float64)
    stable = np.zeros(elements.shape, dtype=bool)
    for symbol, allowed in CHARGED.items():
        for charged, sums in allowed.items():
            stable |= (elements == NUMBERS[symbol]) & (charge == charged) & np.isin(total, sums)
    return Stability(stable, np.asarray(elements > 0))


def unstable_elements(found: Stability, x: Array) -> dict[str, float]:
    """Of each element that there is, the share of its atoms that is unstable: where a model fails."""
    kinds = numbers(x)
    there = [int(z) for z in np.unique(kinds) if z]
    return {SYMBOLS[z]: float(1 - found.atoms[kinds == z].mean()) for z in there}
