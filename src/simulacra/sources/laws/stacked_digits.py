"""Three handwritten digits as the colors of one picture: a thousand modes, each with its number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.domains.laws.digits import Part, single_digits


@dataclass(frozen=True)
class StackedDigits:
    """Pictures of 8 × 8 pixels whose red, green and blue are three digits, 0 … 9, drawn independently.

    The digits are scikit-learn's 1,797 (8 × 8 pixels of 17 levels, brightness 0 … 1). Half of them are drawn from; the
    other half is for a classifier that judges, and never meets in a sample. Each sample is given its three digits as a
    number from 0 to 999.

    Args:
        part: "draw" takes the half for samples, "judge" the other.

    References:
        PacGAN: the power of two samples in generative adversarial networks (Lin et al., 2018), arXiv:1712.04086;
        Optical recognition of handwritten digits (Alpaydin & Kaynak, 1998), UCI, doi:10.24432/C50P49
    """

    kind: ClassVar[str] = "picture"

    part: Part = "draw"

    def digits(self) -> tuple[Array, Array]:
        """The single digits of this part, (n, 8, 8) with brightness 0 … 1, and what they are, (n,)."""
        return single_digits(self.part)

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """Draw n pictures, (n, 8, 8, 3)."""
        pictures, names = self.digits()
        at = rng.integers(len(names), size=(n, 3))
        x = np.moveaxis(pictures[at], 1, -1)
        return Samples.of(x, "picture", "1", repr(self), {"number": names[at] @ np.array([100, 10, 1])})
