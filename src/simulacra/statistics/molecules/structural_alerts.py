"""Structural alerts: parts of molecules that spoil assays, or are reactive or toxic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.molecules import drug_likeness
from simulacra.statistics.base import Axis
from simulacra.statistics.molecules.molecular_descriptors import drawn_from


@dataclass(frozen=True)
class StructuralAlerts:
    """How many alerts of PAINS and of Brenk's list each molecule raises.

    A string that is no molecule has none: its row is NaN, and the verdict's note counts what was left out.

    References:
        New substructure filters for removal of pan assay interference compounds (Baell & Holloway, 2010),
        doi:10.1021/jm901137j
        Lessons learnt from assembling screening libraries (Brenk et al., 2008), doi:10.1002/cmdc.200700139
    """

    accepts: ClassVar[tuple[str, ...]] = ("smiles",)
    skips: ClassVar[str] = "strings that are no molecule"
    defect: ClassVar[str] = "{amount:.0%} of the molecules drawn from the quarter with most alerts alone"
    amounts: ClassVar[tuple[float, ...]] = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n 1"]:
        """One number a string; NaN where it is no molecule."""
        found = drug_likeness.each("looking for alerts", x.array, drug_likeness.alerts)
        return np.asarray(np.array(found, dtype=np.float64).reshape(len(x), -1).sum(axis=1, keepdims=True))

    def axis(self, x: Samples) -> Axis:
        """One number a molecule."""
        return Axis("alerts in a molecule")

    def perturb(self, x: Samples, amount: float) -> Samples:
        """This share of the molecules replaced by others of the quarter with most alerts; always the same ones."""
        return drawn_from(x, self(x)[:, 0], amount)
