"""Calorimeter showers in rings: the energy in each cell, by layer, angle and radius."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.domains.showers.cells import cascades
from simulacra.kinds.base import Kind


class PolarShower(Kind):
    """Cells by layer, angle and ring."""

    noun: ClassVar[str] = "showers in rings"
    shape: ClassVar[str] = "(n, layers, angles, radii)"
    written: ClassVar[dict[str, str]] = {".hdf5": "showers in the layout of the CaloChallenge"}
    asked_by: ClassVar[dict[str, str]] = {".hdf5": "drawn_showers"}

    def fits(self, x: Array) -> bool:
        """Four axes."""
        return x.ndim == 4

    def write(self, x: Samples, path: Path) -> None:
        """Incident energies and voxels, MeV."""
        from simulacra.domains.showers.challenge_file import write_showers

        write_showers(x, path)

    def example(self, n: int, rng: np.random.Generator) -> Samples:
        """Cascades that differ in energy and depth."""
        return Samples.of(cascades(n, rng), "polar_shower", origin="cascades in cells")
