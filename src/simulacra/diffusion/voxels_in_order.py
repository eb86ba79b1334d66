r"""Voxels of a box revealed from coarse to fine: those of one call lie far apart on a lattice of their own.

A box is tiled by cubes of `apart` voxels a side; the voxels at one place of every cube are an offset's. Offsets come
level by level: first one voxel a cube, then those halfway between the ones before, $1, 8, 64, 512$ in all.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise, product

import torch
from jaxtyping import Int64
from torch import Tensor

from simulacra.core.errors import BadInput
from simulacra.diffusion.any_order import Order

Offset = tuple[int, int, int]


class VoxelsInOrder(Order):
    """Offset after offset; where most of the last level is left, eight offsets a call.

    Two voxels of one call are drawn without regard for each other, so `apart` is as far as what is drawn reaches: the
    diameter of a grain. Once the first offsets of the last level are known, nearer ones say all that is to be known.

    Args:
        apart: voxels between two of one call along an axis; a power of 2.
        alone: classes of the last level, of seven, whose offsets are revealed one a call.
    """

    def __init__(self, apart: int = 8, alone: int = 1) -> None:
        if apart < 2 or apart & (apart - 1):
            raise BadInput("voxels of a call lie a power of 2 apart", f"apart={apart}", "take apart=8")
        if not 0 <= alone <= 7:
            raise BadInput("the last level has seven classes", f"alone={alone}", "take alone=1, or 7")
        self.apart, self.alone = apart, alone

    def ranks(self, n: int, shape: tuple[int, ...]) -> Int64[Tensor, "B *sites"]:
        """The same order for each sample; the voxels of a sample are (…, D, H, W)."""
        return self._tiled(torch.tensor(self._calls()), shape).expand(n, *shape).contiguous()

    def places(self, shape: tuple[int, ...]) -> Int64[Tensor, "*sites"]:
        """Which offset each voxel is of, counted in their order."""
        return self._tiled(torch.arange(self.apart**3), shape)

    def joined(self) -> int:
        """The first call that reveals several offsets; the number of calls where there is none."""
        return min(self.apart**3 // 8 * (1 + self.alone), self.apart**3)

    def _tiled(self, by_place: Tensor, shape: tuple[int, ...]) -> Tensor:
        check_side(shape, self.apart)
        table = torch.empty(self.apart, self.apart, self.apart, dtype=torch.int64)
        for value, (a, b, c) in zip(by_place.tolist(), offsets(self.apart), strict=True):
            table[a, b, c] = value
        times = [side // self.apart for side in shape[-3:]]
        return table.repeat(*times).view(shape[-3:])

    def _calls(self) -> list[int]:
        """In which call each offset is revealed."""
        calls, last, together = [], -1, 0
        begin = self.apart**3 // 8  # of the last level
        for place in range(self.apart**3):
            beyond = place - begin - self.alone * begin
            if beyond < 0 or beyond % 8 == 0 or together == 8 or self.apart < 4:
                last, together = last + 1, 0
            together += 1
            calls.append(last)
        return calls


def check_side(shape: tuple[int, ...], apart: int) -> None:
    """Boxes are tiled whole."""
    if any(side % apart for side in shape[-3:]):
        raise BadInput(
            f"a box is tiled by cubes of {apart} voxels a side", " × ".join(map(str, shape[-3:])), "take such sides"
        )


def levels(apart: int) -> list[tuple[int, int]]:
    """For each level the first offset, and the first of the next one."""
    return list(pairwise([0, *(8**k for k in range(apart.bit_length()))]))


@lru_cache(maxsize=8)
def offsets(apart: int) -> tuple[Offset, ...]:
    """All places in a cube, coarse to fine; within a level those that lie on one sublattice follow each other."""

    def level(site: Offset) -> int:
        return next(k for k in range(apart.bit_length()) if all(part % (apart >> k) == 0 for part in site))

    def key(site: Offset) -> tuple[int, ...]:
        found = level(site)
        spacings = [apart >> k for k in range(found - 1, -1, -1)]
        return (found, *(part % spacing for spacing in spacings for part in site))

    along = range(apart)
    return tuple(sorted(product(along, along, along), key=key))
