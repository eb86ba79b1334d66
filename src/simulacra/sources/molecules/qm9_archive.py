"""QM9 as it was published: the archive of 133,885 xyz files, fluorine and all fifteen properties included."""

from __future__ import annotations

import lzma
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from simulacra.core import data
from simulacra.core.errors import BadInput
from simulacra.core.lines import lines as lines_of
from simulacra.core.packed import check_within
from simulacra.core.progress import Progress
from simulacra.core.samples import Array, Samples
from simulacra.domains.molecules import molecule_files
from simulacra.domains.molecules.atoms import molecules, reseated, sizes
from simulacra.domains.molecules.text_records import Record

NAME, ADDRESS = "qm9/dsgdb9nsd.xyz.tar.bz2", "https://ndownloader.figshare.com/files/3195389"
SHA256 = "3a63848ac80691bdb8d41834b575afad345b9300d7a2db0c38adb7f6eaa8360c"
REJECTED, ITS_ADDRESS = "qm9/uncharacterized.txt", "https://ndownloader.figshare.com/files/3195404"
ITS_SHA256 = "3aa5115d540b356de94791d4a74c3bf1ed91c469ecf52a4f5d7cc0506fe02e24"
MOLECULES, REFUSED, HEADER = 133_885, 3_054, 9
"""Molecules of the archive, those that failed its check, and lines before their list."""
HARTREE = 27.211386245988  # eV
LABELS: dict[str, tuple[int, str, float]] = {
    "A": (0, "GHz", 1.0),
    "B": (1, "GHz", 1.0),
    "C": (2, "GHz", 1.0),
    "mu": (3, "D", 1.0),
    "alpha": (4, "bohr³", 1.0),
    "homo": (5, "eV", HARTREE),
    "lumo": (6, "eV", HARTREE),
    "gap": (7, "eV", HARTREE),
    "r2": (8, "bohr²", 1.0),
    "zpve": (9, "eV", HARTREE),
    "u0": (10, "eV", HARTREE),
    "u298": (11, "eV", HARTREE),
    "h298": (12, "eV", HARTREE),
    "g298": (13, "eV", HARTREE),
    "cv": (14, "cal/(mol K)", 1.0),
}
"""Properties: column of the second line, unit as given here, and by what the archive's number is multiplied for it."""
LISTED = "on the list of those that failed the archive's check"
BROKEN = (tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError)


@dataclass(frozen=True)
class QM9Archive:
    """QM9's original archive, or a folder or tar of files laid out like it, (n, seats, 4) of kind "molecule", Å.

    Where no path is named the archive is looked for in the data folders and else fetched once, 86 MB, with the list of
    3,054 molecules whose relaxed shape has another formula than the SMILES it was made from; both are checked by their
    SHA-256 and kept in the user's cache.

    Args:
        path: a tar (.tar, .tar.bz2, .tar.gz) or a folder of such files; None takes the published one.
        rejected: a list of records to leave out, laid out like the published one; None takes that for the published
            archive, and none for a path of your own.
        largest: molecules of more atoms, hydrogens counted, are left aside; QM9's largest has 29.
        labels: properties to be given with each molecule, by name: A, B, C (GHz), mu (D), alpha (bohr³), homo, lumo,
            gap, zpve, u0, u298, h298, g298 (eV), r2 (bohr²), cv (cal/(mol K)).

    References:
        Quantum chemistry structures and properties of 134 kilo molecules (Ramakrishnan et al., 2014),
        doi:10.1038/sdata.2014.22, doi:10.6084/m9.figshare.c.978904
    """

    kind: ClassVar[str] = "molecule"

    path: Path | None = None
    rejected: Path | None = None
    largest: int = 29
    labels: str = ""

    def __post_init__(self) -> None:
        if self.largest < 1:
            raise BadInput("a molecule has an atom at least", f"largest={self.largest}", "take largest=29")
        unknown = sorted(set(self.labels.split()) - set(LABELS))
        if unknown:
            raise BadInput("QM9 has no such property", ", ".join(unknown), f"known: {', '.join(LABELS)}")

    def read(self) -> Samples:
        """All molecules, in the order of the archive."""
        path = self.path or data.find(NAME, SHA256, ADDRESS)
        if not path.exists():
            raise BadInput("there is no such file or folder", str(path), "name QM9's archive, or a folder of its files")
        refused = self._refused()
        stated: dict[str, Array] = {}
        with Progress("reading QM9", MOLECULES) as progress:
            found = molecule_files.sorted_out(_records(path, refused, stated, progress))
        if not len(found.x):
            seen = found.words() or "no file that ends in .xyz, or all on the list of rejected ones"
            raise BadInput("the archive holds no molecule that can be used", f"{path}: {seen}", "name another")
        count = sizes(found.x)
        kept = np.flatnonzero(count <= self.largest)
        if not len(kept):
            raise BadInput(
                "no molecule is left", f"{path}, largest={self.largest}", f"take largest={int(count.min())} or more"
            )
        notes = ["QM9 (Ramakrishnan et al., 2014), B3LYP/6-31G(2df,p)" if self.path is None else str(path)]
        notes += [] if refused else ["nothing is known of which records failed its check"]
        notes += [found.words()] if found.skipped else []
        notes += (
            [f"{len(count) - len(kept):,} of more than {self.largest} atoms left aside"]
            if len(kept) < len(count)
            else []
        )
        names = [found.names[i] for i in kept]
        x = molecules(reseated(found.x[kept], int(count[kept].max())), "; ".join(notes), names)
        table = np.array([stated[name] for name in names]).reshape(len(names), len(LABELS))
        asked = {name: LABELS[name] for name in self.labels.split()}
        given = {name: table[:, column] * factor for name, (column, _, factor) in asked.items()}
        return x.but(given=given, given_unit={name: unit for name, (_, unit, _) in asked.items()})

    def _refused(self) -> set[str]:
        """Names of the records on the list."""
        if self.path is not None and self.rejected is None:
            return set()
        path = self.rejected or data.find(REJECTED, ITS_SHA256, ITS_ADDRESS)
        if not path.is_file():
            raise BadInput("there is no such file", str(path), "check the path of the rejected records")
        lines = lines_of(path.read_text(encoding="utf-8", errors="replace"))[HEADER:]
        names = {f"gdb {words[0]}" for words in map(str.split, lines) if words and words[0].isdigit()}
        if not names or (self.rejected is None and len(names) != REFUSED):
            raise BadInput(
                "the list of rejected records is not laid out as QM9's",
                f"{path}: {len(names):,} numbers behind {HEADER} lines of header",
                "each line begins with the number of a record",
            )
        return names


def _records(path: Path, refused: set[str], stated: dict[str, Array], progress: Progress) -> Iterator[Record | None]:
    """The molecules of all files; what each says about properties goes to `stated`."""
    for text in _texts(path):
        progress.step()
        record, numbers = read_record(text)
        if record is not None and record.name in refused:
            record.wrong = LISTED
        elif record is not None:
            stated.setdefault(record.name, numbers)
        yield record


def _texts(path: Path) -> Iterator[str]:
    """Each xyz file of a folder or tar, never unpacked."""
    if path.is_dir():
        files = sorted(path.rglob("*.xyz"))
        check_within(path, files)
        for file in files:
            yield file.read_text(encoding="utf-8", errors="replace")
        return
    try:
        with tarfile.open(path, mode="r|*") as archive:
            for member in archive:
                file_ = archive.extractfile(member) if member.isfile() and member.name.endswith(".xyz") else None
                if file_ is not None:
                    yield file_.read().decode("utf-8", errors="replace")
    except BROKEN as error:
        raise BadInput(
            "this archive cannot be read", f"{path} ({error})", "it may be half-fetched: fetch it anew"
        ) from error


def read_record(text: str) -> tuple[Record | None, Array]:
    """A molecule of QM9's own layout, and its fifteen properties as they stand there; None where it is none.

    The lines: the number of atoms; "gdb", a number and the properties; an element, its place (Å) and its Mulliken
    charge for each atom; frequencies; SMILES; InChI. Exponents are written as in Fortran or Mathematica: 1.2*^-5.
    """
    lines = lines_of(text)
    none = np.full(len(LABELS), np.nan)
    try:
        n, words = int(lines[0]), lines[1].split()
        rows = [line.split() for line in lines[2 : 2 + n]]
        if words[0] != "gdb" or not words[1].isdigit() or len(rows) < n or n < 1:
            return None, none
        where = np.array([[_number(v) for v in row[1:4]] for row in rows]).reshape(n, 3)
        numbers = np.array([_number(v) for v in words[2 : 2 + len(LABELS)]])
    except (ValueError, IndexError):
        return None, none
    if len(numbers) != len(LABELS) or len(lines) < n + 5:  # a file that ends early
        return None, none
    return Record([row[0] for row in rows], where, f"gdb {words[1]}"), numbers


def _number(text: str) -> float:
    """A number; exponents may be written `*^`.

    >>> _number("-1.5*^-3"), _number("2e2")
    (-0.0015, 200.0)
    """
    return float(text.replace("*^", "e"))
