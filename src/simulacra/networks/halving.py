"""How a square layer of cells is divided in two, and again, until every part is a cell."""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ASIDE = True


@dataclass(frozen=True)
class Halving:
    """The splits of a square, from the middle outwards: a ring from what lies beyond it, halves, quarters, runs.

    Cells are put in an order in which every part is a run without gaps. Rings are turned onto themselves by 90°, so
    splits that are turned into one another are of one sort.

    Args:
        order: the row-major place of each cell in this order, (cells,).
        first: where the part that is split begins, (splits,).
        middle: where its second half begins.
        last: where it ends.
        sort: which sort of split it is.
        depth: splits at one depth share no cell, and come after the one that they lie in.
    """

    order: NDArray[np.int64]
    first: NDArray[np.int64]
    middle: NDArray[np.int64]
    last: NDArray[np.int64]
    sort: NDArray[np.int64]
    depth: NDArray[np.int64]

    @classmethod
    def of(cls, side: int) -> Halving:
        """Of a square of so many cells along a side."""
        rings = [_ring(side, k) for k in range((side + 1) // 2)]
        order = [place for ring in rings for place in ring]
        starts = np.cumsum([0, *(len(ring) for ring in rings)]).tolist()
        found: list[tuple[int, int, int, int, int]] = []
        sorts: dict[tuple[object, ...], int] = defaultdict(lambda: len(sorts))

        def run(a: int, b: int, origin: int, ring: int, depth: int) -> None:
            if b - a > 1:
                m = (a + b + 1) // 2
                found.append((a, m, b, sorts["run", ring, a - origin, b - origin], depth))
                run(a, m, origin, ring, depth + 1)
                run(m, b, origin, ring, depth + 1)

        for k, (a, b) in enumerate(itertools.pairwise(starts)):
            if b < len(order):
                found.append((a, b, len(order), sorts["ring", k], k))
            if b - a > 1:
                quarter = (b - a) // 4
                found.append((a, a + 2 * quarter, b, sorts["half", k], k + 1))
                for start in (a, a + 2 * quarter):
                    found.append((start, start + quarter, start + 2 * quarter, sorts["quarter", k], k + 2))
                for start in range(a, b, quarter):
                    run(start, start + quarter, start, k, k + 3)
        columns = np.array(found, dtype=np.int64).reshape(-1, 5).T
        return cls(np.array(order, dtype=np.int64), *columns)

    @property
    def sorts(self) -> int:
        """How many sorts of splits there are."""
        return int(self.sort.max(initial=-1)) + 1


def _ring(side: int, k: int) -> list[int]:
    """The row-major places of the k-th ring about the middle, a quarter after another."""
    wide = 2 * k + (1 - side % 2)  # steps along one of its sides
    first = (side - 1 - wide) // 2
    last = first + wide
    if wide == 0:
        return [first * side + first]
    quarters = [
        [(first, first + j) for j in range(wide)],
        [(first + j, last) for j in range(wide)],
        [(last, last - j) for j in range(wide)],
        [(last - j, first) for j in range(wide)],
    ]
    return [row * side + column for quarter in quarters for row, column in quarter]
