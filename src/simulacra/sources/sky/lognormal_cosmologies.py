"""Lognormal fields at a few chosen cosmologies: as many maps of each, and none of any other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples
from simulacra.sources.sky.lognormal_field import LognormalField


@dataclass(frozen=True)
class LognormalCosmologies:
    """Lognormal fields whose amplitude and slope are one of the given pairs, in turn; each is given its own.

    A suite of simulations is such a set: maps at some cosmologies, to be asked of others.

    Args:
        amplitudes: standard deviation of the Gaussian beneath, of each cosmology.
        slopes: logarithmic slope of its power, of each cosmology.
        size: pixels along a side.
        box: length of a side, Mpc/h.

    References:
        A lognormal model for the cosmological mass distribution (Coles & Jones, 1991), MNRAS 248, 1
        Emulation of cosmological mass maps with conditional generative adversarial networks (Perraudin et al., 2021),
        doi:10.3389/frai.2021.673062
    """

    kind: ClassVar[str] = "field"

    amplitudes: tuple[float, ...] = (0.5, 1.0)
    slopes: tuple[float, ...] = (-2.5, -1.5)
    size: int = 32
    box: float = 100.0

    def __post_init__(self) -> None:
        if not self.amplitudes or len(self.amplitudes) != len(self.slopes):
            raise BadInput(
                "each cosmology has an amplitude and a slope",
                f"{len(self.amplitudes)} amplitudes, {len(self.slopes)} slopes",
                "give as many of both",
            )
        self.fields()

    def fields(self) -> list[LognormalField]:
        """The fields of each cosmology."""
        return [
            LognormalField(self.size, self.box, a, a, b, b) for a, b in zip(self.amplitudes, self.slopes, strict=True)
        ]

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """Draw n fields, (n, size, size): the first of the first cosmology, the next of the next, and so on."""
        which = np.arange(n) % len(self.amplitudes)
        x = np.empty((n, self.size, self.size), dtype=np.float32)
        for i, field in enumerate(self.fields()):
            x[which == i] = field.draw(int((which == i).sum()), rng).array
        given = {"amplitude": np.array(self.amplitudes)[which], "slope": np.array(self.slopes)[which]}
        return Samples.of(x, "field", "1", repr(self), given)
