r"""A lattice revealed from coarse to fine: its sites in a nested order, each level halfway between those before.

The lattices $\Lambda_0 \subset \Lambda_1 \subset \dots$ hold 1, 2, 4, … sites of a periodic square of side $2^k$:
squares of spacing L/2^j and, between them, the same with their centers. Level l reveals $\Lambda_l$ without
$\Lambda_{l-1}$; the last one is one color of the checkerboard, whose sites touch none of their own color.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import torch
from jaxtyping import Int64
from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.diffusion.any_order import Order


class CoarseToFine(Order):
    """Level after level, each in a few calls of sites far apart, and the last, half of all sites, in one call.

    A level of n sites takes min(n, calls) calls; the sites of a call form a lattice of their own, as wide as can be.
    In one call the last level is exact for a law in which only nearest neighbors touch, such as the Ising model's.

    Args:
        calls: at most, of each level but the last; a power of 2. From half the sites on it is one site a call.
    """

    def __init__(self, calls: int = 8) -> None:
        if calls < 1 or calls & (calls - 1):
            raise BadInput("calls of a level are a power of 2", f"calls={calls}", "take calls=8")
        self.calls = calls

    def ranks(self, n: int, shape: tuple[int, ...]) -> Int64[Tensor, "B *sites"]:
        """The same order for each sample; the sites of a sample are (…, L, L)."""
        side = shape[-1]
        table = torch.empty(side * side, dtype=torch.int64)
        for call, (first, last) in enumerate(self.groups(side)):
            table[sequence(side)[first:last]] = call
        return table.view(side, side).expand(n, *shape).contiguous()

    def groups(self, side: int) -> list[tuple[int, int]]:
        """For each call, the first place in the sequence that it reveals and the first that it leaves."""
        cuts = [0, 1]
        size = 1
        while 4 * size <= side * side:
            each = max(1, size // self.calls)
            cuts.extend(range(size + each, 2 * size + 1, each))
            size *= 2
        cuts.append(side * side)
        return list(pairwise(cuts))


@lru_cache(maxsize=16)
def sequence(side: int) -> Int64[Tensor, " sites"]:
    """All sites (row times side plus column), coarse to fine, one after another.

    Within a level, sites that lie on one sublattice follow each other, the finest sublattice first: so any group of a
    power of 2 of them, cut from the level's start, is a sublattice too.
    """
    if side < 2 or side & (side - 1):
        raise BadInput("a lattice is halved down to one site", f"side {side}", "take a side of 4, 8, 16, 32 …")
    last = 2 * (side.bit_length() - 1)

    def coset(row: int, column: int, level: int) -> tuple[int, int]:
        """The first site with which this one lies on one copy of a level's lattice."""
        spacing = side >> level // 2
        plain = (row % spacing, column % spacing)
        if level % 2 == 0:
            return plain
        half = spacing // 2  # the lattice with centers
        return min(plain, ((row + half) % spacing, (column + half) % spacing))

    def key(site: int) -> tuple[int, ...]:
        row, column = divmod(site, side)
        level = next(k for k in range(last + 1) if coset(row, column, k) == (0, 0))
        return (level, *(part for k in range(level - 2, -1, -1) for part in coset(row, column, k)))

    return torch.tensor(sorted(range(side * side), key=key))
