"""Molecules in files of text: xyz, extended xyz and SDF, read record by record and written.

A record that is no molecule is left out and counted with its reason; nothing is mended in silence.
"""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.left import Left
from simulacra.core.progress import Progress
from simulacra.core.samples import Array
from simulacra.domains.molecules import implausible
from simulacra.domains.molecules.atoms import NUMBERS, SYMBOLS, atoms, seated
from simulacra.domains.molecules.bond_orders import bonded, orders
from simulacra.domains.molecules.fragments import torn, unpaired
from simulacra.domains.molecules.text_records import Record, from_sdf, from_xyz

ENDINGS = (".xyz", ".extxyz", ".sdf")
UNREADABLE = "a record that cannot be read"
DRAWING = "a drawing without depth"
RADICAL = "a radical, or a charge that the file does not state"
TORN = "in several pieces"
TWICE = "an id that was there before"
ISOTOPES = frozenset("DT")


@dataclass
class Read:
    """The molecules of a file, and how many records were left out for which reason.

    Args:
        x: the molecules, (n, seats, 4).
        names: of each.
        skipped: counts by reason.
        changed: how many records were read otherwise than they stand, by what was done.
        warned: what is not plausible.
    """

    x: Array
    names: list[str]
    skipped: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    warned: list[str] = field(default_factory=list)

    def words(self) -> str:
        """What was left out, in words; empty if nothing."""
        gone = ", ".join(f"{count:,} {reason}" for reason, count in self.skipped.most_common())
        return f"left out {self.skipped.total():,} records: {gone}" if gone else ""

    def left(self) -> Left:
        """The same as a record that goes with the samples."""
        of = len(self.names) + self.skipped.total()
        return Left(dict(self.skipped.most_common()), of, dict(self.changed), warned=tuple(self.warned))


def read(path: Path, generated: bool = False) -> Read:
    """All molecules of a file; an error where none is left.

    Args:
        path: .xyz, .extxyz or .sdf.
        generated: whether molecules in pieces and radicals are kept: without them a model would be flattered.
    """
    if not path.name.lower().endswith(ENDINGS):
        raise BadInput("molecules are not read from such a file", str(path), f"save them as {', '.join(ENDINGS)}")
    if not path.is_file():
        raise BadInput("there is no such file", str(path), "check the path")
    text = path.read_text(encoding="utf-8", errors="replace")
    if not text.strip():
        raise BadInput("the file of molecules is empty", str(path), "name another file")
    sdf = path.suffix.lower() == ".sdf"
    total = len(re.findall(r"^\$\$\$\$" if sdf else r"^\s*\d+\s*$", text, flags=re.MULTILINE))
    found = sorted_out(from_sdf(text) if sdf else from_xyz(text), generated, total, str(path))
    if not len(found.x):
        raise BadInput("the file holds no molecule that can be used", f"{path}: {found.words()}", "name another file")
    return found


MOST_ATOMS = 2000
"""Of a molecule: each takes the seats of the largest, and RDKit walks along chains by recursion."""


def sorted_out(
    records: Iterator[Record | None], generated: bool = False, total: int = 0, where: str = "these molecules"
) -> Read:
    """The records that are molecules of known elements, with places; of data, also whole and without radicals.

    Args:
        records: as they come; None for one that cannot be read.
        generated: whether those in pieces and radicals are kept, and those that were there before.
        total: how many records there are about, for the progress; 0 shows none.
        where: what they are called where they cannot be learned from (lengths in Bohr, no hydrogens).
    """
    skipped: Counter[str] = Counter()
    changed: Counter[str] = Counter()
    kept: list[Record] = []
    seen: dict[str, list[Record]] = {}
    with Progress("reading molecules", total) if total else contextlib.nullcontext() as progress:
        for place, record in enumerate(records):
            if record is not None and (heavy := ISOTOPES & set(record.symbols)):
                changed[f"{' and '.join(sorted(heavy))} read as H"] += 1
                record.symbols = ["H" if symbol in ISOTOPES else symbol for symbol in record.symbols]
            wrong = _wrong(record, generated)
            if record is not None and not wrong:
                record.name = record.name or str(place)
                if record.name in seen:
                    wrong = _again(record, seen[record.name], changed, generated)
                else:
                    seen[record.name] = [record]
            if wrong or record is None:
                skipped[wrong] += 1
            else:
                kept.append(record)
            if progress is not None:
                progress.step()
    count = np.array([len(r.symbols) for r in kept], dtype=np.int64)
    elements = np.array([NUMBERS[s] for r in kept for s in r.symbols], dtype=np.int64)
    places = np.concatenate([r.where for r in kept]) if kept else np.zeros((0, 3))
    x = seated(elements, places, count)
    names = [r.name for r in kept]
    if generated:
        return Read(x, names, skipped, changed, implausible.doubts(x) if kept else [])
    implausible.check(x, where)
    bad = unpaired(x, np.array([r.charge for r in kept], dtype=np.int64))
    pieces = torn(x) & ~bad
    skipped += Counter({RADICAL: int(bad.sum()), TORN: int(pieces.sum())})
    good = ~bad & ~pieces
    sound = [name for name, fine in zip(names, good, strict=True) if fine]
    close = implausible.crowded(x[good]) if good.any() else ""
    return Read(x[good], sound, +skipped, changed, [close] if close else [])


def _again(record: Record, before: list[Record], changed: Counter[str], generated: bool) -> str:
    """Number a name that was there before, unless it is the same molecule of data."""
    first = before[0]
    if not generated and first.symbols == record.symbols and np.array_equal(first.where, record.where):
        return TWICE
    changed["a name that was there before, numbered"] += 1
    before.append(record)
    record.name = f"{record.name} #{len(before)}"
    return ""


def _wrong(record: Record | None, generated: bool) -> str:
    """What is wrong with a record by itself; empty if nothing."""
    if record is None or not record.symbols:
        return UNREADABLE
    if record.wrong:
        return record.wrong
    if len(record.symbols) > MOST_ATOMS:
        return f"of more than {MOST_ATOMS:,} atoms"
    unknown = sorted(set(record.symbols) - set(NUMBERS))
    if unknown:
        return f"of an unknown element ({unknown[0][:3]})"
    if not np.isfinite(record.where).all():
        return "with places that are no numbers"
    if record.flat:
        return DRAWING
    return RADICAL if record.radical and not generated else ""


def to_xyz(x: Array, names: Sequence[str], extended: bool = False) -> str:
    """Molecules as xyz; as extended xyz each with its name and the meaning of the columns."""
    out = []
    for (kinds, where), name in zip(atoms(x), names, strict=True):
        plain = not extended and name and not any(c.isspace() for c in name)
        stated = f"id={name}" if plain else f'id="{name}"'  # else "gdb 17" is read as "gdb", as all others are
        out.append(f"{len(kinds)}\n" + (f"Properties=species:S:1:pos:R:3 {stated}" if extended else stated))
        out += [f"{SYMBOLS[z]:2s} {p[0]:14.8f} {p[1]:14.8f} {p[2]:14.8f}" for z, p in zip(kinds, where, strict=True)]
    return "\n".join([*out, ""])


def to_sdf(
    x: Array,
    names: Sequence[str],
    marks: Sequence[str] | None = None,
    stated: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """Molecules as SDF V2000, with bonds by their distances; a property `note` where there are marks.

    Args:
        x: molecules (n, seats, 4).
        names: of the molecules.
        marks: a note of each; none where it is empty.
        stated: further properties by name, one value a molecule; none where it is empty.
    """
    order = orders(x)
    out = []
    for i, ((kinds, where), name) in enumerate(zip(atoms(x), names, strict=True)):
        if len(kinds) > 999:
            raise BadInput("V2000 holds 999 atoms at most", f"{len(kinds)} in {name}", "write it as .xyz")
        _, first, second = bonded(order[i : i + 1])
        out += [str(name), "  simulacra         3D", ""]
        out.append(f"{len(kinds):3d}{len(first):3d}  0  0  0  0  0  0  0  0999 V2000")
        for z, p in zip(kinds, where, strict=True):
            out.append(f"{p[0]:10.4f}{p[1]:10.4f}{p[2]:10.4f} {SYMBOLS[z]:3s} 0  0  0  0  0  0  0  0  0  0  0  0")
        for a, b in zip(first, second, strict=True):
            out.append(f"{a + 1:3d}{b + 1:3d}{order[i, a, b]:3d}  0")
        out.append("M  END")
        out += [">  <note>", marks[i], ""] if marks is not None and marks[i] else []
        for name, values in (stated or {}).items():
            out += [f">  <{name}>", values[i], ""] if values[i] else []
        out.append("$$$$")
    return "\n".join([*out, ""])
