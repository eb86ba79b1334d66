"""Rings of molecules in space: how many of each size, how many aromatic, how many fused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.molecules import moieties
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class RingCounts:
    """Rings of 3, 4, 5, 6, and 7 or more atoms, aromatic rings, and rings that share a bond with another.

    Rings are those of a smallest set; bonds are given by distance and completed to possible valences. A molecule whose
    valences are impossible has no count: the test leaves it out, and the verdict's note says how many. How many there
    are is what the judge `molecule_validity` compares.
    """

    accepts: ClassVar[tuple[str, ...]] = ("molecule",)
    skips: ClassVar[str] = "molecules of impossible valences"
    defect: ClassVar[str] = "{amount:.0%} of the molecules drawn from the quarter with most rings alone"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n kinds"]:
        """The counts of each molecule; NaN where valences are impossible."""
        return moieties.rings(x.array)

    def axis(self, x: Samples) -> Axis:
        """Counts, by sort of ring."""
        return Axis("rings in a molecule", "ring", "1", moieties.RINGS)

    def perturb(self, x: Samples, amount: float) -> Samples:
        """This share of the molecules replaced by others of the set, of those with most rings; always the same ones."""
        return x.but(x=replaced(x, moieties.rings(x.array)[:, :5].sum(axis=1), amount))


def replaced(x: Samples, number: NDArray[np.float64], amount: float) -> Float[np.ndarray, "n seats 4"]:
    """The molecules, this share of them replaced by others of the set, of the quarter with the largest numbers.

    Args:
        x: the molecules.
        number: of each; NaN where a molecule is neither replaced nor taken.
        amount: the share.
    """
    whole = np.flatnonzero(np.isfinite(number))
    if not len(whole):
        raise BadInput("none of these molecules has possible valences", repr(x), "are they molecules with hydrogens?")
    richest = whole[np.argsort(-number[whole], kind="stable")[: -(-len(whole) // 4)]]
    rng = np.random.default_rng(0)
    some = rng.permutation(whole)[: round(amount * len(whole))]
    values = x.array.copy()
    values[some] = x.array[rng.choice(richest, len(whole))[: len(some)]]
    return values
