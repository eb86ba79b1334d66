"""Calorimeter showers: the energy in each cell, layer by layer."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np

from simulacra.core.samples import Array, Samples
from simulacra.domains.showers.cells import cascades
from simulacra.kinds.base import Kind


class Shower(Kind):
    """Cells in layers, rows and columns."""

    noun: ClassVar[str] = "showers"
    shape: ClassVar[str] = "(n, layers, rows, columns)"
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
        return Samples.of(cascades(n, rng), "shower", origin="cascades in cells")
