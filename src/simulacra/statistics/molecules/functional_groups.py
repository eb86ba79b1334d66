"""Functional groups of molecules in space: alcohols, ketones, amines … counted in each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.molecules import moieties
from simulacra.statistics.base import Axis
from simulacra.statistics.molecules.ring_counts import replaced


@dataclass(frozen=True)
class FunctionalGroups:
    """How often each molecule has each of 23 functional groups of H, C, N and O (patterns in `domains/moieties.py`).

    Bonds are given by distance and completed to possible valences. A molecule whose valences are impossible has no
    count: the test leaves it out, and the verdict's note says how many.
    """

    accepts: ClassVar[tuple[str, ...]] = ("molecule",)
    skips: ClassVar[str] = "molecules of impossible valences"
    defect: ClassVar[str] = "{amount:.0%} of the molecules drawn from the quarter with most functional groups alone"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n groups"]:
        """The counts of each molecule; NaN where valences are impossible."""
        return moieties.groups(x.array)

    def axis(self, x: Samples) -> Axis:
        """Counts, by group."""
        return Axis("groups in a molecule", "functional group", "1", tuple(moieties.GROUPS))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """This share of the molecules replaced by others of the set, of those with most groups; the same ones."""
        return x.but(x=replaced(x, moieties.groups(x.array).sum(axis=1), amount))
