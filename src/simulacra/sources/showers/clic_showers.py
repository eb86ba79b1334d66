"""Showers in the layout of the 3D-GAN's data, from the electromagnetic calorimeter planned for CLIC: HDF5 with ECAL."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.paths import as_path
from simulacra.core.samples import Samples
from simulacra.sources.showers.calochallenge import check_response, datasets

FIX = "give a file with ECAL (n, rows, columns, layers) and target (n, 2 or more), the energy in its second column"


@dataclass(frozen=True)
class ClicShowers:
    """Cells of a square grid, (n, layers, rows, columns), MeV; particles' energies, GeV.

    A file holds `ECAL` (n, 25, 25, 25), GeV, whose last axis runs along the particle, and `target`, whose second column
    is the particle's energy in GeV. Those cells hold what silicon absorbs, about a fiftieth of the energy: `gain`
    brings it to the scale of the whole.

    Args:
        path: the .h5 file.
        gain: by which every cell is multiplied.
        threshold: a cell with less, in MeV after the gain, reads zero.
        most: showers read at most, the first ones; 0 for all.

    References:
        Three dimensional energy parametrized generative adversarial networks for electromagnetic shower simulation
        (Carminati, Khattak & Vallecorsa, 2018), doi:10.1109/ICIP.2018.8451587
    """

    kind: ClassVar[str] = "shower"

    path: Path
    gain: float = 50.0
    threshold: float = 0.0
    most: int = 0

    def __post_init__(self) -> None:
        as_path(self, "path")

    def read(self) -> Samples:
        """All showers of the file."""
        cells, target = datasets(self.path, ("ECAL", "target"), self.most, FIX)
        if cells.ndim != 4 or target.ndim != 2 or target.shape[1] < 2 or len(target) != len(cells):
            raise BadInput(
                "this file's showers are not laid out as the 3D-GAN's are",
                f"{self.path}: ECAL {cells.shape}, target {target.shape}",
                FIX,
            )
        x = np.moveaxis(cells, 3, 1) * (1000 * self.gain)
        check_response(x, 1000 * np.asarray(target[:, 1], dtype=float), self.path, "GeV")
        x = np.where(x > self.threshold, x, 0.0).astype(np.float32)
        energy = np.asarray(target[:, 1], dtype=float)
        return Samples.of(x, "shower", "MeV", repr(self), {"energy": energy}, given_unit={"energy": "GeV"})
