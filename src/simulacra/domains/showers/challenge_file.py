"""Showers to the layout of the Fast Calorimeter Simulation Challenge: HDF5 with incident energies and voxels."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np

from simulacra.core import writing
from simulacra.core.errors import BadInput
from simulacra.core.samples import Samples

MEV = {"eV": 1e-6, "keV": 1e-3, "MeV": 1.0, "GeV": 1e3, "TeV": 1e6}


def write_showers(x: Samples, path: Path) -> None:
    """Datasets `incident_energies` (n, 1) and `showers` (n, voxels), MeV; layers first, the last axis runs fastest.

    Units that are none of energy are written as they are, and said in the file's attribute `unit`.

    Args:
        x: cells, (n, layers, …), with the energy of each particle as the condition `energy`.
        path: of the file.

    References:
        CaloChallenge 2022: a community challenge for fast calorimeter simulation (Krause et al., 2024),
        arXiv:2410.21611
    """
    if "energy" not in x.given:
        raise BadInput(
            "the layout of the CaloChallenge needs the energy of each particle",
            f"conditions: {', '.join(x.given) or 'none'}",
            "draw from a model that is told the energy, or end the name in .npz",
        )
    unit = x.given_unit.get("energy", "1")
    energy = np.asarray(x.given["energy"], dtype=np.float64) * MEV.get(unit, 1.0)
    cells = x.x.reshape(len(x), -1).astype(np.float32) * np.float32(MEV.get(x.unit, 1.0))
    with writing.replacing(path) as file, h5py.File(file, "w") as out:
        out.create_dataset("incident_energies", data=energy[:, None], compression="gzip")
        out.create_dataset("showers", data=cells, compression="gzip", shuffle=True)
        out.attrs["unit"] = "MeV" if x.unit in MEV else x.unit
        out.attrs["shape"] = x.x.shape[1:]
        out.attrs["kind"] = x.kind
        out.attrs["origin"] = x.origin
