"""Molecules of many sizes packed into one npz: atoms one after another, and how many each molecule has."""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from simulacra.core.broken import reading
from simulacra.core.errors import BadInput
from simulacra.core.files import read_npz
from simulacra.core.paths import as_path
from simulacra.core.samples import Array, Samples
from simulacra.domains.molecules import molecule_files
from simulacra.domains.molecules.atoms import HEAVIEST, SYMBOLS, molecules
from simulacra.domains.molecules.text_records import Record

NEEDED = ("Z", "R", "n_atoms")
PADDED: dict[str, tuple[str, ...]] = {
    "Z": ("charges", "z", "Z", "atomic_numbers", "numbers"),
    "R": ("positions", "R", "coordinates", "pos", "xyz"),
    "n_atoms": ("num_atoms", "n_atoms", "N", "natoms"),
}
"""The names under which other tools keep padded molecules: atomic numbers (n, seats), places (n, seats, 3)."""


def holds_molecules(path: Path) -> bool:
    """Whether a file is an npz with the arrays of molecules, packed or padded."""
    if path.suffix.lower() != ".npz" or not zipfile.is_zipfile(path):
        return False
    with reading("npz", path), zipfile.ZipFile(path) as file:
        there = {name.removesuffix(".npy") for name in file.namelist()}
    return set(NEEDED) <= there or all(_named(there, part) for part in ("Z", "R"))


def _named(there: Collection[str], part: str) -> str:
    """The name of an array of padded molecules; empty if there is none."""
    return next((name for name in PADDED[part] if name in there), "")


@dataclass(frozen=True)
class PackedMolecules:
    """Molecules of an npz with `Z` (atomic numbers), `R` (places, Å) and `n_atoms`, (n, seats, 4) of kind "molecule".

    Padded arrays are read too: `charges` or `atomic_numbers` (n, seats) with `positions` or `coordinates`
    (n, seats, 3) and, if there, `num_atoms`.

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

    def __post_init__(self) -> None:
        as_path(self, "path")

    def read(self) -> Samples:
        """All molecules, in the order of the file."""
        stated, padded = _packed(read_npz(self.path))
        missing = [name for name in NEEDED if name not in stated]
        count = stated["n_atoms"].astype(np.int64) if not missing else np.zeros(0, dtype=np.int64)
        total = int(count.sum())
        if missing or (count < 1).any() or stated["Z"].shape != (total,) or stated["R"].shape != (total, 3):
            shapes = ", ".join(f"{name} {array.shape}" for name, array in stated.items())
            raise BadInput(
                "the file does not hold packed molecules",
                f"{self.path}: {shapes}; n_atoms sum to {total}",
                "Z and R (Å) of all atoms one after another, n_atoms of each molecule",
            )
        names = stated.get("id", stated.get("gdb_id", np.arange(len(count)))).astype(str)
        ends = np.cumsum(count)

        def records() -> Iterator[Record]:
            charge = stated.get("formal_charge", np.zeros(total))
            for name, end, n in zip(names, ends, count, strict=True):
                z, at = stated["Z"][end - n : end], slice(end - n, end)
                symbols = [SYMBOLS[v] if 0 < v <= HEAVIEST else str(v) for v in z.astype(int)]
                yield Record(symbols, stated["R"][at].astype(float), str(name), int(charge[at].sum()))

        found = molecule_files.sorted_out(records(), self.generated, where=str(self.path))
        if not len(found.x):
            raise BadInput(
                "the file holds no molecule that can be used", f"{self.path}: {found.words()}", "name another"
            )
        notes = [str(self.path), *([found.words()] if found.skipped else [])]
        left = found.left().also([f"padded arrays read as molecules: {padded}"] if padded else [])
        return replace(molecules(found.x, "; ".join(notes), found.names), left=left)


def _packed(stated: dict[str, Array]) -> tuple[dict[str, Array], str]:
    """Padded arrays one after another, and the names that they had; packed ones as they are."""
    z, r, n = (_named(stated, part) for part in ("Z", "R", "n_atoms"))
    if not z or not r or stated[z].ndim != 2 or stated[r].shape != (*stated[z].shape, 3):
        return stated, ""
    taken = stated[z].astype(np.int64) > 0
    count = stated[n].astype(np.int64).ravel() if n else taken.sum(axis=1)
    if len(count) == len(taken):
        taken = np.arange(taken.shape[1]) < count[:, None]
    rest = {name: array for name, array in stated.items() if name in ("id", "gdb_id")}
    return {"Z": stated[z][taken], "R": stated[r][taken], "n_atoms": count, **rest}, ", ".join(
        x for x in (z, r, n) if x
    )
