"""Atom types: how many atoms of each element a molecule has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.domains.molecules.atoms import NUMBERS, numbers
from simulacra.statistics.base import Axis

ELEMENTS = ("H", "C", "N", "O")


@dataclass(frozen=True)
class AtomTypes:
    """How many hydrogens, carbons, nitrogens, oxygens and other atoms a molecule has."""

    accepts: ClassVar[tuple[str, ...]] = ("molecule",)
    defect: ClassVar[str] = "{amount:.0%} of the molecules with a carbon made nitrogen"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n elements"]:
        """Five numbers a molecule."""
        kinds = numbers(x.array)
        named = [(kinds == NUMBERS[symbol]).sum(axis=1) for symbol in ELEMENTS]
        return np.column_stack([*named, (kinds > 0).sum(axis=1) - np.sum(named, axis=0)]).astype(np.float64)

    def axis(self, x: Samples) -> Axis:
        """Counts, by element."""
        return Axis("atoms in a molecule", "element", "1", (*ELEMENTS, "others"))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """This share of the molecules that have carbon, with its first made nitrogen; always the same ones."""
        values = x.array.copy()
        carbon = numbers(values) == NUMBERS["C"]
        having = np.flatnonzero(carbon.any(axis=1))
        if not len(having):
            raise BadInput("none of these molecules has carbon", repr(x), "take another judge")
        some = np.random.default_rng(0).permutation(having)[: round(amount * len(having))]
        values[some, carbon[some].argmax(axis=1), 0] = NUMBERS["N"]
        return x.but(x=values)
