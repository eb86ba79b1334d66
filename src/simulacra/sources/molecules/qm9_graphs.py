"""QM9 as graphs: its molecules by their bonds, places left aside, with hydrogens as atoms or without."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from simulacra.core import data
from simulacra.core.errors import BadInput
from simulacra.core.files import read_npz
from simulacra.core.samples import Samples
from simulacra.domains.molecules.atom_codes import KIND, coded
from simulacra.sources.molecules.qm9 import CITE, FIX, NAME, SHA256

NEEDED = ("Z", "n_atoms", "bonds", "n_bonds", "formal_charge")


@dataclass(frozen=True)
class QM9Graphs:
    """The molecules of QM9 without fluorine as graphs (n, seats, seats) of kind "molecule_graph".

    Bonds have orders 1, 2 and 3, rings that are aromatic alternate (Kekulé), and atoms have formal charges; both were
    perceived from the places. Nine molecules whose perception failed are left out, and said so.

    Args:
        path: an npz laid out as that of the project; None takes the one of the data folder.
        hydrogens: whether these are atoms; else valences that are left over mean hydrogens.

    References:
        Quantum chemistry structures and properties of 134 kilo molecules (Ramakrishnan et al., 2014),
        doi:10.1038/sdata.2014.22
    """

    kind: ClassVar[str] = "molecule_graph"

    path: Path | None = None
    hydrogens: bool = False

    def read(self) -> Samples:
        """All of them, in the order of the file."""
        path = self.path or data.find(NAME, SHA256, fix=FIX)
        if not path.is_file():
            raise BadInput("there is no such file", str(path), "check the path")
        stated = read_npz(path)
        missing = [name for name in NEEDED if name not in stated]
        if missing:
            raise BadInput(
                "the file states no graphs", f"{path} lacks {', '.join(missing)}", "give an npz with bonds as QM9's"
            )
        count, bonds = stated["n_atoms"].astype(np.int64), stated["n_bonds"].astype(np.int64)
        if count.sum() != len(stated["Z"]) or bonds.sum() != len(stated["bonds"]):
            raise BadInput("the counts of atoms and bonds do not add up", str(path), "fetch the file anew")
        owner = np.repeat(np.arange(len(count)), count)
        begin = np.concatenate([[0], count.cumsum()[:-1]])
        kept = np.ones(len(owner), dtype=bool) if self.hydrogens else stated["Z"] > 1
        before = np.concatenate([[0], kept.cumsum()])
        seat = before[np.arange(len(owner))] - before[begin][owner]
        sizes = np.bincount(owner[kept], minlength=len(count))
        x = np.zeros((len(count), sizes.max(), sizes.max()), dtype=np.int16)
        code = coded(stated["Z"], stated["formal_charge"])
        x[owner[kept], seat[kept], seat[kept]] = code[kept]
        of = np.repeat(np.arange(len(count)), bonds)
        first, second = (begin[of] + stated["bonds"][:, end] for end in (0, 1))
        order = stated["bonds"][:, 2].astype(np.int16)
        whole = kept[first] & kept[second]
        x[of[whole], seat[first[whole]], seat[second[whole]]] = order[whole]
        x[of[whole], seat[second[whole]], seat[first[whole]]] = order[whole]
        failed = np.zeros(len(count), dtype=bool)
        failed[of[order == 0]] = True
        good = np.flatnonzero(~failed & (sizes > 0))
        seen = " with hydrogens" if self.hydrogens else " without hydrogens"
        notes = f"{CITE}, as graphs{seen}; {int(failed.sum())} whose bonds could not be perceived left out"
        ids = stated.get("gdb_id", np.arange(len(count)))[good]
        return Samples.of(x[good], KIND, "1", notes, None, np.char.add("gdb ", ids.astype(str)))
