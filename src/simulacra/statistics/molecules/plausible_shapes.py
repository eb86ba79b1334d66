"""Plausible shapes: which checks of lengths, angles, contacts, flatness and energy each molecule passes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.molecules import plausibility
from simulacra.domains.molecules.atoms import filled
from simulacra.statistics.base import Axis

MOVED = 0.3  # Å along each axis


@dataclass(frozen=True)
class PlausibleShapes:
    """1 for each check that a molecule passes, else 0: the checks of PoseBusters that need no protein.

    Possible valences, one piece, lengths of bonds, angles, no clash, flat aromatic rings, flat double bonds, energy;
    limits in `domains/plausibility.py`. They are wide: they find what no molecule can be, and are no measure of how
    well lengths and angles are met, which `bond_lengths` and `bond_angles` compare.

    References:
        PoseBusters: AI-based docking methods fail to generate physically valid poses or generalise to novel sequences
        (Buttenschoen, Morris & Deane, 2024), doi:10.1039/D3SC04185A
    """

    accepts: ClassVar[tuple[str, ...]] = ("molecule",)
    defect: ClassVar[str] = "{amount:.1%} of the molecules with all atoms displaced by 0.3 Å along each axis"
    amounts: ClassVar[tuple[float, ...]] = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n checks"]:
        """Yes or no for each check."""
        return plausibility.checks(x.array).astype(np.float64)

    def axis(self, x: Samples) -> Axis:
        """Yes or no, by check."""
        return Axis("passed (1) or not (0)", "check", "1", plausibility.CHECKS)

    def perturb(self, x: Samples, amount: float) -> Samples:
        """This share of the molecules with atoms moved at random; always the same ones, always alike."""
        some = np.random.default_rng(0).permutation(len(x))[: round(amount * len(x))]
        values = x.array.copy()
        values[some] = displaced(x.array, MOVED)[some]
        return x.but(x=values)


def displaced(x: Float[np.ndarray, "n seats 4"], width: float) -> Float[np.ndarray, "n seats 4"]:
    """All atoms moved by a normal law of this width along each axis, Å; one place of a set is always moved alike."""
    values = x.copy()
    moved = width * np.random.default_rng(1).standard_normal(values[..., 1:].shape)
    values[..., 1:] += np.where(filled(values)[..., None], moved, 0.0).astype(values.dtype)
    return values
