"""Records of molecules in text: xyz, extended xyz and SDF (V2000 and V3000), read one by one.

References:
    The SDF is that of BIOVIA's CTfile formats, versions V2000 and V3000.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from simulacra.core.lines import lines as lines_of
from simulacra.core.samples import Array
from simulacra.domains.molecules.atoms import SYMBOLS

CODES = {1: 3, 2: 2, 3: 1, 5: -1, 6: -2, 7: -3}  # charges in the atom lines of V2000
NAMED = re.compile(r"""\b(?:id|name|gdb_id|index)=(?:"([^"]*)"|'([^']*)'|(\S+))""", re.IGNORECASE)
CHARGED = re.compile(r"""\bcharge=["']?([+-]?\d+)(?:\.0*)?\b""", re.IGNORECASE)
PBC = re.compile(r"""\bpbc=["']?([TF10\s]+|true|false)""", re.IGNORECASE)
LATTICE = re.compile(r"\bLattice=", re.IGNORECASE)
COLUMNS = re.compile(r"\bProperties=(\S+)", re.IGNORECASE)
OWN = 3  # lines of a file of QM9 behind its atoms: frequencies, SMILES, InChI
PERIODIC = "of a periodic cell"


@dataclass
class Record:
    """One molecule of a file: symbols, places (Å), name, charge, whether the file calls it a radical; what is wrong."""

    symbols: list[str]
    where: Array
    name: str = ""
    charge: int = 0
    radical: bool = False
    flat: bool = False
    wrong: str = ""


def from_xyz(text: str) -> Iterator[Record | None]:
    """Records of xyz or extended xyz; the three lines behind the atoms of QM9's own files are passed over."""
    lines = lines_of(text)
    at, own, astray = 0, 0, False
    while at < len(lines):
        head = lines[at].strip()
        if not head.isdigit():
            at += 1
            if head and not own and not astray:
                yield None  # text where a count should stand: a record, or what is left of one
                astray = True
            own = max(0, own - bool(head))
            continue
        n, astray = int(head), False
        about = lines[at + 1] if at + 1 < len(lines) else ""
        rows = [line.split() for line in lines[at + 2 : at + 2 + n]]
        at += 2 + n
        own = OWN if about.startswith("gdb ") else 0
        species, first = _columns(about)
        try:
            if len(rows) < n:
                raise ValueError("too few lines")
            symbols = [_symbol(row[species]) for row in rows]
            where = np.array([[_place(v) for v in row[first : first + 3]] for row in rows])
            charge = CHARGED.search(about)
            wrong = PERIODIC if _periodic(about) else ""
            yield Record(symbols, where.reshape(n, 3), _name(about), int(charge[1]) if charge else 0, wrong=wrong)
        except (ValueError, IndexError):
            yield None


def _place(text: str) -> float:
    """A number as Python, Fortran (1.0D-02) or Mathematica (1*^-2) write it."""
    return float(text.replace("*^", "e").replace("D", "e").replace("d", "e"))


def _periodic(about: str) -> bool:
    """Whether a comment says about a periodic cell; `pbc="F F F"` says that a lattice is none, wherever it stands."""
    stated = PBC.search(about)
    return bool(re.search("[T1]", stated[1], re.IGNORECASE)) if stated else bool(LATTICE.search(about))


def _symbol(text: str) -> str:
    """A symbol in its usual letters; an atomic number is one too."""
    if text.isdigit() and 0 < int(text) < len(SYMBOLS):
        return SYMBOLS[int(text)]
    return text.capitalize()


def _columns(about: str) -> tuple[int, int]:
    """Where the element and the places stand in a line of atoms."""
    found = COLUMNS.search(about)
    if not found:
        return 0, 1
    column, where = 0, {}
    stated = found[1].strip("\"'").split(":")
    for name, _, width in zip(stated[::3], stated[1::3], stated[2::3], strict=False):
        where[name.lower()] = column
        column += int(width) if width.isdigit() else 1
    return where.get("species", where.get("z", 0)), where.get("pos", 1)


def _name(about: str) -> str:
    """The name that a comment line gives: of extended xyz, or of QM9's own files ("gdb 17 …")."""
    found = NAMED.search(about)
    if found:
        return next(part for part in found.groups() if part is not None)
    words = about.split()
    return f"gdb {words[1]}" if len(words) > 1 and words[0] == "gdb" and words[1].isdigit() else ""


def from_sdf(text: str) -> Iterator[Record | None]:
    """Records of an SDF; None for one that cannot be read."""
    for block in re.split(r"^\$\$\$\$.*$", text, flags=re.MULTILINE):
        if block.strip():
            yield _record(block.lstrip("\r\n") if block.startswith(("\n\n", "\r\n\r\n")) else _after_mark(block))


def _after_mark(block: str) -> str:
    """A record without the line end that belongs to the mark before it."""
    return block.removeprefix("\r\n").removeprefix("\n")


def _record(block: str) -> Record | None:
    """A record of an SDF; the title may be an empty line."""
    lines = lines_of(block)
    counts = next((i for i, line in enumerate(lines[:6]) if line.rstrip().endswith(("V2000", "V3000"))), None)
    if counts is None or not any(line.startswith("M  END") for line in lines[counts:]):
        return None  # without its end a record may have lost its charges, or more
    name = lines[counts - 3].strip() if counts >= 3 else ""
    flat = counts >= 2 and lines[counts - 2][20:22].upper() == "2D"
    try:
        if lines[counts].rstrip().endswith("V3000"):
            symbols, where, charge, radical = _v3000(lines)
        else:
            symbols, where, charge, radical = _v2000(lines, counts)
    except (ValueError, IndexError):
        return None
    return Record(symbols, where, name, charge, radical, flat)


def _v2000(lines: Sequence[str], counts: int) -> tuple[list[str], Array, int, bool]:
    n = int(lines[counts][:3])
    rows = lines[counts + 1 : counts + 1 + n]
    symbols = [row[31:34].strip() for row in rows]
    where = np.array([[float(row[k : k + 10]) for k in (0, 10, 20)] for row in rows]).reshape(n, 3)
    stated = [line.split() for line in lines if line.startswith(("M  CHG", "M  RAD"))]
    if stated:
        charge = sum(int(v) for row in stated if row[1] == "CHG" for v in row[4::2])
        return symbols, where, charge, any(row[1] == "RAD" for row in stated)
    codes = [int(row[36:39] or 0) for row in rows]
    return symbols, where, sum(CODES.get(code, 0) for code in codes), 4 in codes


def _v3000(lines: Sequence[str]) -> tuple[list[str], Array, int, bool]:
    lines = _joined(lines)
    begin = next(i for i, line in enumerate(lines) if line.startswith("M  V30 BEGIN ATOM"))
    end = next(i for i, line in enumerate(lines) if line.startswith("M  V30 END ATOM"))
    rows = [line[7:].split() for line in lines[begin + 1 : end]]
    where = np.array([[float(v) for v in row[2:5]] for row in rows]).reshape(len(rows), 3)
    extras = [word for row in rows for word in row[6:]]
    charge = sum(int(word[4:]) for word in extras if word.startswith("CHG="))
    return [row[1] for row in rows], where, charge, any(word.startswith("RAD=") for word in extras)


def _joined(lines: Sequence[str]) -> list[str]:
    """The lines of V3000, each behind a "-" put to the one that it continues."""
    out: list[str] = []
    going = False
    for line in lines:
        if going and line.startswith("M  V30 "):
            out[-1] = out[-1].rstrip()[:-1] + line[7:]
        else:
            out.append(line)
        going = line.startswith("M  V30") and line.rstrip().endswith("-")
    return out
