"""Strain energy: how far each molecule's shape lies above the nearest minimum of a force field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.molecules.strain import strain
from simulacra.statistics.base import Axis
from simulacra.statistics.molecules.plausible_shapes import displaced

MOVED = 0.03  # Å along each axis
LEAST = 0.1  # kcal/mol: below, a molecule counts as at rest


@dataclass(frozen=True)
class StrainEnergy:
    """The logarithm of the energy by MMFF94 that a molecule loses when it is let go (`domains/strain.py`).

    True shapes have strain too: the force field's minimum is not that of quantum chemistry (QM9: median 4.3 kcal/mol).
    Of a molecule in pieces the largest counts; hydrogens that are missing are put in. Molecules of impossible valences
    have none: they are left out, and the verdict's note counts them; `molecule_validity` compares how many there are.
    """

    accepts: ClassVar[tuple[str, ...]] = ("molecule",)
    skips: ClassVar[str] = "molecules of impossible valences"
    defect: ClassVar[str] = "{amount:.0%} of the molecules with all atoms displaced by 0.03 Å along each axis"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 1"]:
        """One number a molecule; NaN where there is no strain."""
        return np.asarray(np.log10(np.maximum(strain(x.array), LEAST)))[:, None]

    def axis(self, x: Samples) -> Axis:
        """One number a molecule."""
        return Axis("log10 strain energy, kcal/mol")

    def perturb(self, x: Samples, amount: float) -> Samples:
        """This share of the molecules that have a strain with atoms moved at random; always the same ones.

        One that the move would leave without a strain (an atom with a bond too many) stays as it is.
        """
        whole = np.flatnonzero(np.isfinite(strain(x.array)))
        some = np.random.default_rng(0).permutation(whole)[: round(amount * len(whole))]
        moved = displaced(x.array, MOVED)[some]
        kept = np.isfinite(strain(moved)) if len(some) else np.zeros(0, dtype=bool)
        values = x.array.copy()
        values[some[kept]] = moved[kept]
        return x.but(x=values)
