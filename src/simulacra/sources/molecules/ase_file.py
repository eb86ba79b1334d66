"""Molecules in files that ASE reads: its databases and trajectories, PDB, Gaussian input."""

from __future__ import annotations

import importlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from simulacra.core.broken import reading
from simulacra.core.errors import BadInput, extra
from simulacra.core.paths import as_path
from simulacra.core.samples import Samples
from simulacra.domains.molecules import molecule_files
from simulacra.domains.molecules.atoms import molecules, reseated, sizes
from simulacra.domains.molecules.text_records import PERIODIC, Record

FORMATS = {".traj": "traj", ".pdb": "proteindatabank", ".gjf": "gaussian-in"}
ENDINGS = (".db", *FORMATS)


@dataclass(frozen=True)
class AseFile:
    """Molecules with all their atoms from a file of ASE's, (n, seats, 4) of kind "molecule", Å; needs the extra "ase".

    What is left out, and counted in `origin`, is as for a file of molecules; so are periodic cells. A record is named
    by its `id` or `name` where it has one, and its charge is its `charge`, or the sum of its atoms' initial charges.

    Args:
        path: .db, .traj, .pdb or .gjf.
        largest: molecules of more atoms, hydrogens counted, are left aside; 0 takes all.
        generated: whether these are a model's draws, of which those in several pieces and with unpaired electrons are
            kept, to be judged.

    References:
        The atomic simulation environment: a Python library for working with atoms (Larsen et al., 2017),
        doi:10.1088/1361-648X/aa680e
    """

    kind: ClassVar[str] = "molecule"

    path: Path
    largest: int = 0
    generated: bool = False

    def __post_init__(self) -> None:
        as_path(self, "path")
        if not self.path.name.lower().endswith(ENDINGS):
            raise BadInput("ASE is not asked for such a file", str(self.path), f"save it as {', '.join(ENDINGS)}, .xyz")

    def read(self) -> Samples:
        """All molecules of the file."""
        with extra("ase"):
            importlib.import_module("ase.io")
        if not self.path.is_file():
            raise BadInput("there is no such file", str(self.path), "check the path")
        with reading("molecules", self.path, "make it again", "ASE cannot read this file"):
            found = molecule_files.sorted_out(_records(_atoms(self.path)), self.generated, where=str(self.path))
        if not len(found.x):
            raise BadInput(
                "the file holds no molecule that can be used", f"{self.path}: {found.words()}", "name another"
            )
        count = sizes(found.x)
        kept = np.flatnonzero(count <= (self.largest or count.max()))
        if not len(kept):
            raise BadInput("no molecule is left", f"{self.path}, largest={self.largest}", "take a larger one")
        notes = [str(self.path), *([found.words()] if found.skipped else [])]
        notes += (
            [f"{len(count) - len(kept):,} of more than {self.largest} atoms left aside"]
            if len(kept) < len(count)
            else []
        )
        x = reseated(found.x[kept], int(count[kept].max()))
        return replace(molecules(x, "; ".join(notes), [found.names[i] for i in kept]), left=found.left())


def _atoms(path: Path) -> Iterator[Any]:
    """ASE's `Atoms` one after another, by the reader that the ending names; the file is opened to be read alone."""
    ending = path.suffix.lower()
    if ending == ".db":
        yield from _rows(path)
        return
    with path.open("rb" if ending == ".traj" else "r") as file:  # a name with an @ would be split
        yield from importlib.import_module("ase.io").iread(file, index=":", format=FORMATS[ending])


def _rows(path: Path) -> Iterator[Any]:
    """The molecules of a database. ASE would make its own tables in any other, and SQLite mend what was left open."""
    for beside in (f"{path.name}-wal", f"{path.name}-journal"):
        if (path.parent / beside).is_file() and (path.parent / beside).stat().st_size:
            raise BadInput(
                "another program has this database open, or left it unfinished",
                f"{path}: {beside} beside it",
                "close it there, or copy it with: sqlite3 FILE '.backup COPY'",
            )
    base = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        tables = [str(name) for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        if "systems" not in tables:
            raise BadInput(
                "this database is none of ASE's: it has no table 'systems'",
                f"{path}: {', '.join(tables[:8]) or 'no tables'}",
                "name one that ase.db wrote",
            )
        held = importlib.import_module("ase.db.sqlite").SQLite3Database(
            str(path), create_indices=False, use_lock_file=False, serial=True
        )
        held.connection, held.change_count = base, 0
        for row in held.select():
            yield row.toatoms()
    finally:
        base.close()


def _records(several: Iterator[Any]) -> Iterator[Record]:
    """Each of ASE's `Atoms` as a record."""
    for one in several:
        wrong = PERIODIC if np.any(one.pbc) else ""
        stated = {**one.info, **one.info.get("key_value_pairs", {})}
        charge = stated.get("charge", np.sum(one.get_initial_charges()))
        name = str(stated.get("id", stated.get("name", "")))
        symbols = [str(s) for s in one.get_chemical_symbols()]
        yield Record(symbols, np.array(one.positions), name, round(float(charge)), wrong=wrong)
