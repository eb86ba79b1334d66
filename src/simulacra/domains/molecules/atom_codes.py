"""Atoms as one whole number: element and formal charge, as graphs of molecules hold them on their diagonal.

An atom of atomic number Z is Z where it is neutral, Z + 128 with charge +1, Z + 256 with −1, Z + 384 with +2, and so
on in turn. Bonds are 1, 2, 3 by their order, and 4 where a file marks them aromatic.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Int

from simulacra.core.samples import Array
from simulacra.domains.molecules.atoms import HEAVIEST, SYMBOLS

KIND = "molecule_graph"
STEP = 128
"""From one charge to the next."""
MOST = 4
"""Charge of an atom at most, either way."""
AROMATIC = 4
"""The kind of a bond that a file marks aromatic."""


def coded(number: Array, charge: Array) -> Int[np.ndarray, "..."]:
    """Elements and charges as codes, int16.

    >>> coded(np.array([6, 7, 8]), np.array([0, 1, -1])).tolist()
    [6, 135, 264]
    """
    charge = np.asarray(charge).astype(np.int64)
    turn = np.where(charge > 0, 2 * charge - 1, -2 * charge)
    return np.asarray(np.asarray(number) + STEP * turn, dtype=np.int16)


def elements(code: Array) -> Int[np.ndarray, "..."]:
    """Atomic numbers; 0 where there is no atom."""
    return np.asarray(np.asarray(code) % STEP)


def charges(code: Array) -> Int[np.ndarray, "..."]:
    """Formal charges.

    >>> charges(np.array([6, 135, 264])).tolist()
    [0, 1, -1]
    """
    turn = np.asarray(code).astype(np.int64) // STEP
    return np.where(turn % 2 == 1, (turn + 1) // 2, -(turn // 2))


def legal(code: Array) -> bool:
    """Whether all of these are atoms, or none."""
    return bool((elements(code) <= HEAVIEST).all() and (np.abs(charges(code)) <= MOST).all() and (code >= 0).all())


def named(code: int) -> str:
    """An atom in letters.

    >>> named(135), named(264), named(6)
    ('N+', 'O-', 'C')
    """
    charge = int(charges(np.array(code)))
    sign = "" if not charge else ("+" if charge > 0 else "-") * abs(charge)
    return SYMBOLS[int(elements(np.array(code)))] + sign
