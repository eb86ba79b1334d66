"""Residue composition: how many of each residue a sequence has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from simulacra.core.samples import Samples
from simulacra.domains.proteins.residues import ALPHABETS, codes_of, replaced, states_in, unit_of, with_codes
from simulacra.statistics.base import Axis


@dataclass(frozen=True)
class ResidueComposition:
    """The number of each letter in each aligned sequence; gaps are `gap_lengths`' business."""

    accepts: ClassVar[tuple[str, ...]] = ("sequence",)
    defect: ClassVar[str] = "{amount:.1%} of the residues replaced by any other"
    amounts: ClassVar[tuple[float, ...]] = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)

    def __call__(self, x: Samples) -> Float[np.ndarray, "n letters"]:
        """A count a letter."""
        codes = codes_of(x)
        return np.stack([(codes == c).sum(axis=1) for c in range(1, states_in(unit_of(x)))], axis=1).astype(np.float64)

    def axis(self, x: Samples) -> Axis:
        """Counts, by letter."""
        return Axis("residues in a sequence", "residue", "1", tuple(ALPHABETS[unit_of(x)][1:]))

    def perturb(self, x: Samples, amount: float) -> Samples:
        """Residues replaced at random, always the same ones."""
        codes, rng = codes_of(x), np.random.default_rng(0)
        return with_codes(x, replaced(codes, rng.random(codes.shape) < amount, states_in(unit_of(x)), rng))
