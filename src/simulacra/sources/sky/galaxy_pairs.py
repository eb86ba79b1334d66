"""Made pairs of galaxies that overlap: mergers as far as light goes, for where real ones are not at hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.progress import Progress
from simulacra.core.samples import Samples
from simulacra.domains.sky.exposure import counted, stretched
from simulacra.sources.sky.galaxy_simulator import CHUNK, GalaxySimulator


@dataclass(frozen=True)
class GalaxyPairs:
    """Two galaxies of `galaxy_simulator` in one picture, (n, size, size, 3), their light added before it is counted.

    They lie on either side of the middle, in any direction, with half to one and a half times the usual distance
    between them. Both are whole: there are no tides, tails or bursts of stars.

    Args:
        size: pixels along a side.
        apart: the usual distance of their centers, in sides of the picture.
    """

    kind: ClassVar[str] = "picture"

    size: int = 64
    apart: float = 0.25

    def __post_init__(self) -> None:
        if not 0 <= self.apart <= 0.5:
            raise BadInput("both galaxies must lie in the picture", f"apart={self.apart}", "take apart=0.25")
        GalaxySimulator(size=self.size)  # the same limits hold here

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """Draw n pairs."""
        single = GalaxySimulator(size=self.size)
        first, second = single.galaxies(n, rng), single.galaxies(n, rng)
        half = 0.5 * self.apart * self.size * rng.uniform(0.5, 1.5, n)
        angle = rng.uniform(0, 2 * np.pi, n)
        column, row = half * np.cos(angle), half * np.sin(angle)
        first = replace(first, x=first.x + column, y=first.y + row)
        second = replace(second, x=second.x - column, y=second.y - row)
        x = np.empty((n, self.size, self.size, 3), dtype=np.float32)
        with Progress("simulating pairs of galaxies", n) as progress:
            for start in range(0, n, CHUNK):
                part = slice(start, start + CHUNK)
                light = single.light_of(first[part], rng) + single.light_of(second[part], rng)
                counts = counted(light, single.sky, single.grain, rng)
                x[part] = stretched(counts / np.sqrt(single.sky), single.contrast, single.softening)
                progress.step(len(light))
        return Samples.of(x, "picture", "1", repr(self), {"class": np.full(n, "merger")})
