"""Showers in a file that states its own shape: as `simulacra sample` writes them, or of a set of the CaloChallenge."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from simulacra.core.broken import reading
from simulacra.core.errors import BadInput
from simulacra.core.paths import as_path
from simulacra.core.samples import Samples
from simulacra.sources.files.arrays import Arrays
from simulacra.sources.showers.calochallenge import FIX, datasets

PUBLISHED = {6480: (45, 16, 9), 40_500: (45, 50, 18)}
"""Layers, angles and radii of the sets 2 and 3 of the challenge, by their voxels."""


@dataclass(frozen=True)
class DrawnShowers:
    """Cells (n, layers, …), with the energy of each particle as the condition `energy`, in the layout of the challenge.

    The datasets are `incident_energies` (n, 1) and `showers` (n, voxels), MeV; attributes of the file state the shape
    of a shower, its kind and the unit of its cells. A file without such datasets is read as any array is.

    Args:
        path: the .hdf5 file.
    """

    path: Path

    def __post_init__(self) -> None:
        as_path(self, "path")

    def read(self) -> Samples:
        """All showers of the file."""
        if not self.path.is_file():
            raise BadInput("there is no such file", str(self.path), "check the path")
        with reading("hdf5", self.path), h5py.File(self.path, "r") as file:
            laid = {"showers", "incident_energies"} <= set(file)
            about = {name: file.attrs[name] for name in ("shape", "unit", "kind") if name in file.attrs}
        if not laid:
            return Arrays(self.path).read()
        energy, voxels = datasets(self.path, ("incident_energies", "showers"), 0, FIX)
        shape = tuple(int(side) for side in about.get("shape", PUBLISHED.get(voxels.shape[-1], ())))
        if voxels.ndim != 2 or len(voxels) != len(energy) or not shape or np.prod(shape) != voxels.shape[1]:
            stated = f"{self.path}: {voxels.shape[1:]} cells, shape {shape or 'not stated'}"
            raise BadInput("the shape of these showers is not known", stated, "read them by the source CaloChallenge")
        return Samples.of(
            voxels.reshape(len(voxels), *shape).astype(np.float32),
            str(about.get("kind", "polar_shower")),
            str(about.get("unit", "MeV")),
            str(self.path),
            {"energy": np.asarray(energy, dtype=np.float64).reshape(len(voxels)) / 1000},
            given_unit={"energy": "GeV"},
        )
