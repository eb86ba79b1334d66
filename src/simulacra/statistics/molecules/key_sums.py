"""How many structural keys a molecule has, in all and in groups: what keys have to do with each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.statistics.base import Axis

ASIDE = True
GROUPS = 12


@dataclass(frozen=True)
class KeySums:
    """Of each row the sum of its numbers, in all and in twelve groups of neighbors.

    Keys that go together make such sums vary more than keys that know nothing of each other; each key's own frequency
    leaves that open.
    """

    accepts: ClassVar[tuple[str, ...]] = ("vector",)
    defect: ClassVar[str] = "{amount:.0%} of the rows with half of their groups from other rows"
    amounts: ClassVar[tuple[float, ...]] = (0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.0)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n sums"]:
        """The sums, the whole one first."""
        parts = np.array_split(x.array.astype(np.float64), min(GROUPS, x.array.shape[1]), axis=1)
        return np.column_stack([x.array.sum(axis=1), *(part.sum(axis=1) for part in parts)])

    def axis(self, x: Samples) -> Axis:
        """All, then by group."""
        groups = min(GROUPS, x.array.shape[1])
        return Axis("sum", "group", "1", ("all", *(f"group {place + 1}" for place in range(groups))))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """The first rows' even groups, moved on by a row: each number's own law stays."""
        n = round(amount * len(x))
        moved = x.array.copy()
        for columns in np.array_split(np.arange(x.array.shape[1]), min(GROUPS, x.array.shape[1]))[::2]:
            moved[:n, columns] = np.roll(moved[:n, columns], 1, axis=0)
        return x.but(x=moved)
