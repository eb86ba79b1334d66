"""Molecules of many sizes packed into one npz: atoms one after another, and how many each molecule has."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.files import read_npz
from simulacra.core.samples import Samples
from simulacra.domains.molecules import molecule_files
from simulacra.domains.molecules.atoms import HEAVIEST, SYMBOLS, molecules
from simulacra.domains.molecules.molecule_files import Record

NEEDED = ("Z", "R", "n_atoms")


def holds_molecules(path: Path) -> bool:
    """Whether a file is an npz with the arrays of packed molecules."""
    if path.suffix.lower() != ".npz" or not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as file:
        return {f"{name}.npy" for name in NEEDED} <= set(file.namelist())


@dataclass(frozen=True)
class PackedMolecules:
    """Molecules of an npz with `Z` (atomic numbers), `R` (places, Å) and `n_atoms`, (n, seats, 4) of kind "molecule".

    G-SchNet's samples and QM9 lie so in the data folder. All molecules of known elements are kept, those in several
    pieces and with unpaired electrons too: without its broken ones a model would be flattered. What is left out all
    the same is counted in `origin`.

    Args:
        path: the npz; a name for each molecule may stand in `id` or `gdb_id`.
        generated: whether these may be a model's draws; False sorts out pieces and radicals too, as for data to learn
            from.
    """

    kind: ClassVar[str] = "molecule"

    path: Path
    generated: bool = True

    def read(self) -> Samples:
        """All molecules, in the order of the file."""
        told = read_npz(self.path)
        missing = [name for name in NEEDED if name not in told]
        count = told["n_atoms"].astype(np.int64) if not missing else np.zeros(0, dtype=np.int64)
        total = int(count.sum())
        if missing or (count < 1).any() or told["Z"].shape != (total,) or told["R"].shape != (total, 3):
            shapes = ", ".join(f"{name} {array.shape}" for name, array in told.items())
            raise BadInput(
                "the file does not hold packed molecules",
                f"{self.path}: {shapes}; n_atoms sum to {total}",
                "Z and R (Å) of all atoms one after another, n_atoms of each molecule",
            )
        names = told.get("id", told.get("gdb_id", np.arange(len(count)))).astype(str)
        ends = np.cumsum(count)

        def records() -> Iterator[Record]:
            charge = told.get("formal_charge", np.zeros(total))
            for name, end, n in zip(names, ends, count, strict=True):
                z, at = told["Z"][end - n : end], slice(end - n, end)
                symbols = [SYMBOLS[v] if 0 < v <= HEAVIEST else str(v) for v in z.astype(int)]
                yield Record(symbols, told["R"][at].astype(float), str(name), int(charge[at].sum()))

        found = molecule_files.sorted_out(records(), self.generated)
        if not len(found.x):
            raise BadInput(
                "the file holds no molecule that can be used", f"{self.path}: {found.told()}", "name another"
            )
        notes = [str(self.path), *([found.told()] if found.skipped else [])]
        return molecules(found.x, "; ".join(notes), found.names)
