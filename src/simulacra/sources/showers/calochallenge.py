"""Showers in the layout of the Fast Calorimeter Simulation Challenge: HDF5 with incident energies and voxels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import h5py
import numpy as np

from simulacra.core.broken import reading
from simulacra.core.errors import BadInput
from simulacra.core.paths import as_path
from simulacra.core.samples import Array, Samples
from simulacra.sources.files.hdf5 import check_links, check_own, check_size

LEAST, LARGEST = 0.02, 3.0
"""Shares of a particle's energy that cells can hold, in the median."""
ENOUGH = 10
"""Showers from which on their median shows."""
FIX = "the sets are at https://calochallenge.github.io/homepage; give layers, angles and radii as its geometry says"


@dataclass(frozen=True)
class CaloChallenge:
    """Cells about the particle's line, (n, layers, angles, radii), MeV; particles' energies, GeV.

    A file holds `incident_energies` (n, 1), MeV, and `showers` (n, voxels), MeV. Voxels count the layers first, then
    the angles, then the radii, which run fastest. The defaults are those of data set 2 (6,480 voxels); set 3 has 50
    angles and 18 radii (40,500). The layers of set 1 differ from one another, and cannot be read as one grid.

    Args:
        path: the .hdf5 file.
        layers: of the calorimeter.
        angles: voxels around a layer.
        radii: voxels from the middle outwards.
        most: showers read at most, the first ones; 0 for all.

    References:
        CaloChallenge 2022: a community challenge for fast calorimeter simulation (Krause et al., 2024),
        arXiv:2410.21611
    """

    kind: ClassVar[str] = "shower"

    path: Path
    layers: int = 45
    angles: int = 16
    radii: int = 9
    most: int = 0

    def __post_init__(self) -> None:
        as_path(self, "path")

    def read(self) -> Samples:
        """All showers of the file."""
        energy, voxels = datasets(self.path, ("incident_energies", "showers"), self.most, FIX)
        wanted = self.layers * self.angles * self.radii
        if voxels.ndim != 2 or voxels.shape[1] != wanted or len(energy) != len(voxels):
            raise BadInput(
                "this file's voxels are not those of the geometry",
                f"{self.path}: {voxels.shape} for {self.layers} × {self.angles} × {self.radii} = {wanted}",
                FIX,
            )
        check_response(voxels, np.asarray(energy, dtype=float).ravel(), self.path, "MeV")
        return Samples.of(
            voxels.reshape(len(voxels), self.layers, self.angles, self.radii).astype(np.float32),
            "polar_shower",
            "MeV",
            repr(self),
            {"energy": np.asarray(energy, dtype=float).reshape(len(voxels)) / 1000},
            given_unit={"energy": "GeV"},
        )


def check_response(cells: Array, energy: Array, path: Path, unit: str) -> None:
    """An error where cells are negative or no numbers, or where their sum cannot be that of these particles.

    Args:
        cells: (n, …), in the unit of the energies.
        energy: of the particles, (n,).
        path: of the file.
        unit: of both, as the layout has it.
    """
    flat = np.asarray(cells).reshape(len(cells), -1)
    if not len(flat):
        raise BadInput("the file holds no shower", str(path), FIX)
    for wrong, bad in (("are NaN or infinite", ~np.isfinite(flat)), ("hold less than nothing", flat < 0)):
        if bad.any():
            rows = np.flatnonzero(bad.any(axis=1))
            raise BadInput(
                f"some cells {wrong}",
                f"{path}: {int(bad.sum()):,} cells in {len(rows):,} showers, the first in row {int(rows[0]) + 1}",
                "take pedestals off and noise out, or leave these showers out",
            )
    if not (np.isfinite(energy).all() and (energy > 0).all()):
        raise BadInput("the energy of a particle is positive", f"{path}: from {energy.min():g}", FIX)
    response = float(np.median(flat.sum(axis=1) / energy))
    if len(flat) >= ENOUGH and not LEAST <= response <= LARGEST:
        many = "a thousand times too small: cells in GeV?" if response < LEAST else "far too large: cells in keV?"
        raise BadInput(
            "these showers hold an impossible share of their particles' energy",
            f"{path}: {response:.3g} of it in the middle one, {many}",
            f"bring cells and energies to {unit}",
        )


def datasets(path: Path, names: tuple[str, ...], most: int, fix: str) -> tuple[Array, ...]:
    """Datasets of an HDF5 file by name, the first `most` rows of each; clear errors for what is missing."""
    if not path.is_file():
        raise BadInput("there is no such file", str(path), "check the path")
    if most < 0:
        raise BadInput("the number of showers is not negative", f"most={most}", "take most=0 for all")
    with reading("hdf5", path, "fetch it again", "this is no HDF5 file, or a broken one"), h5py.File(path, "r") as file:
        check_links(file, path)
        missing = [name for name in names if not isinstance(file.get(name), h5py.Dataset)]
        if missing:
            raise BadInput(
                "this file is not laid out as such showers are",
                f"{path}: {', '.join(missing)} missing; there are {', '.join(file) or 'none'}",
                fix,
            )
        found = []
        for name in names:
            check_own(file[name], path)
            check_size(file[name])
            if file[name].dtype.kind not in "iuf" or file[name].ndim == 0:
                raise BadInput("showers are numbers", f"{path}: {name}, {file[name].dtype}, {file[name].shape}", fix)
            found.append(file[name][: most or None])
        return tuple(found)
