"""Gaps: how many columns of an alignment a sequence leaves empty, in how many runs, how long, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.proteins.residues import GAP, codes_of, states_in, unit_of, with_codes
from simulacra.statistics.base import Axis

NAMES = ("gaps", "runs", "longest run", "at the start", "at the end")


@dataclass(frozen=True)
class GapLengths:
    """Gaps of each aligned sequence: all of them, runs of them, the longest run, and those at either end."""

    accepts: ClassVar[tuple[str, ...]] = ("sequence",)
    defect: ClassVar[str] = "{amount:.0%} of the gaps filled"
    amounts: ClassVar[tuple[float, ...]] = (0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 5"]:
        """Five numbers a sequence."""
        gap = codes_of(x) == GAP
        begins = np.diff(gap.astype(np.int8), axis=1, prepend=0) == 1
        longest, length = np.zeros(len(gap), dtype=int), np.zeros(len(gap), dtype=int)
        for column in gap.T:
            length = np.where(column, length + 1, 0)
            longest = np.maximum(longest, length)
        start = np.cumprod(gap, axis=1).sum(axis=1)
        end = np.cumprod(gap[:, ::-1], axis=1).sum(axis=1)
        return np.column_stack([gap.sum(axis=1), begins.sum(axis=1), longest, start, end]).astype(np.float64)

    def axis(self, x: Samples) -> Axis:
        """Columns or runs, by what is counted."""
        return Axis("columns (runs: number)", "gaps", "1", NAMES)

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Gaps filled with any residue, always the same ones."""
        codes, rng = codes_of(x).copy(), np.random.default_rng(0)
        hit = (codes == GAP) & (rng.random(codes.shape) < amount)
        codes[hit] = rng.integers(1, states_in(unit_of(x)), int(hit.sum()))
        return with_codes(x, codes)
