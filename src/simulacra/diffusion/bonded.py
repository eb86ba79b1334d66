"""Molecules as rows that tell places, elements, charges and bonds, and what a network reads from their graph.

Letters: B molecules, N seats. A row holds the place (Å), the atomic number (0 in an empty seat), the charge, up to four
bonds (the neighbor's seat counted from 1, then the kind: 1, 2, 3, or 4 for aromatic), and, in its last column, one
token of the string that spells the molecule: the first token stands in the first row.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn import functional

NUMBER, CHARGE, BONDS, TOKEN = 3, 4, slice(5, 13), 13
COLUMNS = 14
KINDS = 5  # no bond, single, double, triple, aromatic
FAR = 7  # bonds between two atoms, at most, that are distinguished
WALKS = 6  # longest walks that are counted
SPREAD = math.sqrt(0.75)  # of a bond's prior along each axis, Å: 1.5 Å in the root of the mean square


def pair_features() -> int:
    """How many numbers are given of two atoms."""
    return KINDS + FAR + WALKS - 1


def atom_features(elements: int) -> int:
    """How many numbers are given of an atom."""
    return elements + KINDS + 1 + WALKS - 2


@dataclass(frozen=True)
class BondGraph:
    """What is known of some molecules' bonds.

    Args:
        atoms: of each atom: mark of its element, charge, bonds by kind, logarithms of closed walks of 3 to 6 bonds.
        pairs: of each two atoms: mark of their bond, mark of the number of bonds between them (7: further, or apart),
            logarithms of the number of walks of 2 to 6 bonds from one to the other.
        apart: bonds between them, `FAR` at most.
        bound: whether there is a bond.
        mask: which seats hold an atom.
    """

    atoms: Float[Tensor, "B N F"]
    pairs: Float[Tensor, "B N N E"]
    apart: Int[Tensor, "B N N"]
    bound: Float[Tensor, "B N N"]
    mask: Bool[Tensor, "B N"]


def bond_kinds(rows: Float[Tensor, "B N D"]) -> Int[Tensor, "B N N"]:
    """The kind of the bond between each two atoms, 0 where there is none."""
    batch, seats = rows.shape[:2]
    conditioning = rows[..., BONDS].long().reshape(batch, seats, -1, 2)
    kinds = torch.zeros(batch, seats, seats + 1, dtype=torch.long, device=rows.device)
    kinds.scatter_(2, conditioning[..., 0], conditioning[..., 1])
    return kinds[..., 1:]


def read_graph(rows: Float[Tensor, "B N D"], elements: tuple[int, ...]) -> BondGraph:
    """Everything that a network is conditioned on of molecules whose places are not known."""
    mask = rows[..., NUMBER] > 0
    kinds = bond_kinds(rows)
    bound = (kinds > 0).to(rows.dtype)
    reached = torch.eye(rows.shape[1], dtype=rows.dtype, device=rows.device).expand_as(bound)
    apart = torch.where(reached > 0, 0, FAR)
    walk, walks = bound, []
    for length in range(1, max(FAR, WALKS + 1)):
        apart = torch.where((walk > 0) & (apart == FAR), min(length, FAR), apart)
        if 2 <= length <= WALKS:
            walks.append(torch.log1p(walk))
        walk = walk @ bound
    numbers = torch.tensor(elements, dtype=rows.dtype, device=rows.device)
    marks = (rows[..., NUMBER, None] == numbers).to(rows.dtype)
    of_kind = functional.one_hot(kinds, KINDS).to(rows.dtype)
    closed = torch.stack([found.diagonal(dim1=1, dim2=2) for found in walks[1:]], 2)
    atoms = torch.cat([marks, rows[..., CHARGE, None], of_kind[..., 1:].sum(2), _heavy(bound, rows), closed], 2)
    far = functional.one_hot((apart - 1).clamp(min=0), FAR).to(rows.dtype)
    pairs = torch.cat([of_kind, far, torch.stack(walks, 3)], 3)
    return BondGraph(atoms, pairs, apart, bound, mask)


def _heavy(bound: Tensor, rows: Tensor) -> Tensor:
    """How many neighbors of an atom are no hydrogens."""
    return bound @ (rows[..., NUMBER, None] > 1).to(rows.dtype)


def scattered(
    bound: Float[Tensor, "B N N"], mask: Bool[Tensor, "B N"], noise: Float[Tensor, "B N 3"]
) -> Float[Tensor, "B N 3"]:
    """Places as if each bond were a spring: of all that is known of a shape, who is near whom. Their mean is 0.

    A normal law whose precision is the Laplacian of the graph; each bond of a tree is 1.5 Å long in the root of the
    mean square.

    Args:
        bound: 1 where there is a bond.
        mask: which seats hold an atom.
        noise: standard normal numbers.

    References:
        EigenFold: generative protein structure prediction with diffusion models (Jing et al., 2023), arXiv:2304.02198
    """
    here = mask.to(bound.dtype)
    count = here.sum(1).clamp(min=1)
    stiff = torch.diag_embed(bound.sum(2) + (1 - here)) - bound
    # the mean, of which the springs know nothing, is held as well; pieces of a broken molecule hold on weakly
    stiff = stiff + (here[:, :, None] * here[:, None, :]) / count[:, None, None]
    stiff = stiff + 1e-3 * torch.eye(bound.shape[1], dtype=bound.dtype, device=bound.device)
    factor = torch.linalg.cholesky(stiff.float())
    found = SPREAD * torch.linalg.solve_triangular(factor.mT, noise.float(), upper=True).to(noise.dtype)
    found = found * here[..., None]
    middle: Tensor = found.sum(1, keepdim=True) / count[:, None, None]
    back: Tensor = (found - middle) * here[..., None]
    return back


def turned_onto(x: Float[Tensor, "B N 3"], target: Float[Tensor, "B N 3"]) -> Float[Tensor, "B N 3"]:
    """Places without center turned, or mirrored and turned, as near to the target as can be; empty seats are zeros.

    References:
        A solution for the best rotation to relate two sets of vectors (Kabsch, 1976), doi:10.1107/S0567739476001873
    """
    left, _, right = torch.linalg.svd((x.mT @ target).float())
    turn: Tensor = (left @ right).to(x.dtype)
    return x @ turn
