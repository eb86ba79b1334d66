"""Bonds by distance: between which atoms of a molecule in space there is a bond, and of which order.

Two atoms are bound where they are nearer than a table's length of a single bond and a margin of 10 pm; doubly where
nearer than that of a double bond and 5 pm, trebly than that of a triple bond and 3 pm. The lengths are those that the
authors of equivariant diffusion took from public tables of chemistry, and the margins theirs, chosen to make QM9's own
molecules as stable as can be: stability by this rule is a convention by which models are compared, no law of nature.

References:
    Equivariant diffusion for molecule generation in 3D (Hoogeboom et al., 2022), arXiv:2203.17003, appendix
"""

from __future__ import annotations

from functools import cache

import numpy as np
from jaxtyping import Float, Int

from simulacra.core.samples import Array
from simulacra.domains.molecules.atoms import HEAVIEST, NUMBERS, distances, numbers, parts

SINGLE = """
H-H 74, H-C 109, H-N 101, H-O 96, H-F 92, H-B 119, H-Si 148, H-P 144, H-As 152, H-S 134, H-Cl 127, H-Br 141, H-I 161,
C-C 154, C-N 147, C-O 143, C-F 135, C-Si 185, C-P 184, C-S 182, C-Cl 177, C-Br 194, C-I 214,
N-N 145, N-O 140, N-F 136, N-Cl 175, N-Br 214, N-S 168, N-I 222, N-P 177,
O-O 148, O-F 142, O-Br 172, O-S 151, O-P 163, O-Si 163, O-Cl 164, O-I 194,
F-F 142, F-S 158, F-Si 160, F-Cl 166, F-Br 178, F-P 156, F-I 187, B-Cl 175,
Si-Si 233, Si-S 200, Si-Cl 202, Si-Br 215, Si-I 243, Cl-Cl 199, Cl-P 203, Cl-S 207, Cl-Br 214,
S-S 204, S-Br 225, S-P 210, S-I 234, Br-Br 228, Br-P 222, P-P 221, I-I 266
"""
DOUBLE = "C-C 134, C-N 129, C-O 120, C-S 160, N-N 125, N-O 121, O-O 121, O-P 150, P-S 186"
TRIPLE = "C-C 120, C-N 116, C-O 113, N-N 110"
MARGINS = (10, 5, 3)
"""Lengths of bonds, pm, and the margins by which they may be longer, pm."""


@cache
def limits() -> Float[np.ndarray, "3 elements elements"]:
    """The distance below which two elements have a bond of order 1, 2, 3, Å; 0 where the tables know none."""
    found = np.zeros((3, HEAVIEST + 1, HEAVIEST + 1))
    for order, (table, margin) in enumerate(zip((SINGLE, DOUBLE, TRIPLE), MARGINS, strict=True)):
        for entry in table.replace("\n", " ").split(","):
            pair, length = entry.split()
            a, b = (NUMBERS[symbol] for symbol in pair.split("-"))
            found[order, a, b] = found[order, b, a] = (int(length) + margin) / 100
    found.flags.writeable = False
    return found


def orders(x: Float[np.ndarray, "n seats 4"]) -> Int[np.ndarray, "n seats seats"]:
    """The order of the bond between each pair of atoms by their distance, 0 to 3, int8."""
    kinds, table = numbers(x), limits()
    found = np.zeros((len(x), x.shape[1], x.shape[1]), dtype=np.int8)
    for some in parts(len(x), x.shape[1]):
        gap, z = distances(x[some]), kinds[some]
        pair = z[:, :, None] * (HEAVIEST + 1) + z[:, None, :]
        near = gap < table[0].ravel()[pair]
        close, between = gap[near], pair[near]  # hardly any pair is bound: the rest is looked at for these alone
        order = np.ones(len(close), dtype=np.int8)
        order += close < table[1].ravel()[between]
        order += close < table[2].ravel()[between]
        found[some][near] = order
    return found


def bonded(order: Int[np.ndarray, "n seats seats"]) -> tuple[Array, Array, Array]:
    """Every bond once: of which molecule, and between which of its atoms, the first before the second."""
    molecule, first, second = np.nonzero(order)
    once = first < second
    return molecule[once], first[once], second[once]
