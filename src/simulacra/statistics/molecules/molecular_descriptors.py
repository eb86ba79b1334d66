"""Molecular descriptors: weight, solubility in fat, polarity, rings and flexibility of each molecule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.molecules import chemistry
from simulacra.statistics.base import Axis

HEAVIEST = 0.75
"""Beyond this quantile of the weights a molecule is one of the heaviest quarter."""


@dataclass(frozen=True)
class MolecularDescriptors:
    """Weight, logP, polar surface, hydrogen-bond donors and acceptors, rings, rotatable bonds and sp³ share.

    A string that is no molecule has no descriptors: its row is NaN throughout, the test compares the molecules alone,
    and the verdict's note counts what was left out. How many are molecules is what the judge `validity` compares.
    """

    accepts: ClassVar[tuple[str, ...]] = ("smiles",)
    skips: ClassVar[str] = "strings that are no molecule"
    defect: ClassVar[str] = "{amount:.0%} of the molecules drawn from the heaviest quarter alone"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n descriptors"]:
        """The descriptors of each string; NaN where it is no molecule."""
        return chemistry.descriptors(x.array)

    def axis(self, x: Samples) -> Axis:
        """Descriptors of different sorts, by name and unit."""
        return Axis("descriptor", "descriptor", "1", tuple(chemistry.DESCRIPTORS))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """This share of the molecules replaced by others of the set, of its heaviest quarter; always the same ones."""
        return drawn_from(x, chemistry.descriptors(x.array)[:, 0], amount)


def drawn_from(x: Samples, number: Float[np.ndarray, " n"], amount: float) -> Samples:
    """This share of the molecules replaced by others of the set, of the quarter with the highest number.

    The same ones are replaced, and by the same, however many are.
    """
    whole = np.flatnonzero(np.isfinite(number))
    if not len(whole):
        raise BadInput("none of these strings is a molecule", repr(x), "are they SMILES?")
    high = whole[number[whole] >= np.quantile(number[whole], HEAVIEST)]
    rng = np.random.default_rng(0)
    some = rng.permutation(whole)[: round(amount * len(whole))]
    texts = x.array.copy()
    texts[some] = x.array[rng.choice(high, len(some))]
    return x.but(x=texts)
