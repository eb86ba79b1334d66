"""Samples from anybody's files: which source reads which file, and what several files must share."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from simulacra.core.chance import stream
from simulacra.core.errors import BadInput
from simulacra.core.packed import files
from simulacra.core.part import Part
from simulacra.core.progress import Progress
from simulacra.core.samples import Column, Samples
from simulacra.domains.tables.expanded import expanded, names
from simulacra.judging.matched import matched
from simulacra.kinds.base import kind_of
from simulacra.sources.files import any_file, table
from simulacra.sources.files.columns import Layout
from simulacra.sources.molecules.smiles_file import holds_smiles


@dataclass(frozen=True)
class How:
    """How files are read.

    Args:
        key: the array of an npz, HDF5 or FITS file, or the column of a table.
        kind: where the file does not state it: "vector", "field", "smiles" …
        size: pixels along a side to which pictures of a folder are brought.
        given: columns of tables that are conditions.
        group: the column of tables that names which rows depend on each other.
        most: samples of each file that are taken, at random, at most; 0 takes all.
        columns: of tables that are compared; empty compares all.
        types: what columns of tables are, as "zip=category", where that is to be overruled.
        ignore: conditions that were found beside the samples and are to be passed over.
        seed: of the choice of a part.
    """

    key: str = ""
    kind: str = ""
    size: int = 64
    given: tuple[str, ...] = ()
    group: str = ""
    most: int = 0
    columns: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    seed: int = field(default=0, kw_only=True)

    @property
    def layout(self) -> Layout:
        """What is asked of the columns of tables."""
        return Layout(self.given, self.group, self.key, self.columns, self.types)


def read_alike(paths: Mapping[str, Path], how: How) -> dict[str, Samples]:
    """Samples by role; tables share their columns, whatever the order of these.

    Args:
        paths: files or folders by role: "truth", "model", "train".
        how: to read them.
    """
    for path in paths.values():
        if not path.exists():
            raise BadInput("there is no such file or folder", str(path), "check the path")
    tables = [role for role, path in paths.items() if is_table(path, how)]
    asked = [f"--{n}" for n in ("given", "group", "columns", "types") if getattr(how, n)]
    if asked and len(tables) < len(paths):
        other = next(path for role, path in paths.items() if role not in tables)
        raise BadInput(
            f"only tables have columns for {' and '.join(asked).replace('types', 'as')}",
            f"{other}",
            "give tables, or an npz that `Samples.write` wrote, which holds conditions and groups",
        )
    part = Part(how.most, how.seed)
    with Progress("reading", len(paths)) as progress:
        found: dict[str, Samples] = {}
        if len(tables) == len(paths):
            found = dict(zip(paths, table.alike(list(paths.values()), how.layout, part), strict=True))
        for role, path in paths.items():
            if role not in found:
                found[role] = table.alike([path], Layout(key=how.key), part)[0] if role in tables else read(path, how)
                if role in tables:  # beside arrays, which know no names of columns
                    found[role] = _as_rows(found[role], str(path), named=False)
            progress.step()
    for role, x in found.items():
        x.left.check(str(paths[role]))
        if how.kind == "vector" and x.kind == "table":
            found[role] = _as_rows(x, str(paths[role]), named=True)
    found = _without(found, how.ignore)
    return seated_alike(matched({role: _some(x, how.most) for role, x in found.items()}))


def from_files(things: Mapping[str, Any], seed: int) -> list[Any]:
    """The same things, with paths of files and folders read: together, where all of them are paths.

    Args:
        things: by role; None where there is none.
        seed: of the choice of a part.
    """
    paths = {role: Path(thing) for role, thing in things.items() if isinstance(thing, str | Path)}
    if not paths:
        return list(things.values())
    check_paths(paths)
    how = How(seed=seed)
    if len(paths) == sum(thing is not None for thing in things.values()):
        found = read_alike({role: paths[role] for role in ("truth", "model", "train") if role in paths}, how)
    else:
        found = {role: read_alike({role: path}, how)[role] for role, path in paths.items()}
    return [found.get(role, thing) for role, thing in things.items()]


def _without(found: dict[str, Samples], ignore: tuple[str, ...]) -> dict[str, Samples]:
    """The samples without conditions that nobody asked for."""
    there = {name for x in found.values() for name in x.given}
    if unknown := sorted(set(ignore) - there):
        stated = ", ".join(sorted(there)) or "none"
        raise BadInput("there is no such condition to be ignored", ", ".join(unknown), f"the conditions are: {stated}")
    shared = {name for name in there - set(ignore) if all(name in x.given for x in found.values())}
    out = {}
    for role, x in found.items():
        alone = sorted(set(x.given) - shared - set(ignore))
        said = [f"the condition {name} is passed over: not all sets have it" for name in alone]
        out[role] = x.but(
            given={k: v for k, v in x.given.items() if k in shared},
            given_unit={k: v for k, v in x.given_unit.items() if k in shared},
            left=x.left.also(said),
        )
    return out


def _as_rows(x: Samples, where: str, named: bool) -> Samples:
    """A table as rows of numbers: to be held against an array, or where it is asked for."""
    if np.isnan(x.array).any():
        raise BadInput("a table with gaps is no set of plain numbers", where, "fill the gaps, or give two tables")
    columns = tuple(Column(name) for name in names(x)) if named else ()
    return x.but(x=expanded(x), kind="vector", columns=columns)


def _some(x: Samples, most: int) -> Samples:
    """So many of the samples at most, always the same ones; of a set that was read in part, all that were."""
    if not most or len(x) <= most or x.left.taken:
        return x
    at = np.sort(stream(most, "part of a file").permutation(len(x))[:most])
    return x[at].but(origin=f"{x.origin}; {most:,} of {len(x):,}, at random")


def seated_alike(found: dict[str, Samples]) -> dict[str, Samples]:
    """Objects of unequal size padded to one."""
    if len({x.kind for x in found.values()}) > 1:
        return found
    together = kind_of(next(iter(found.values()))).alike(list(found.values()))
    return dict(zip(found, together, strict=True))


def is_table(path: Path, how: How) -> bool:
    """Whether a file is a table of numbers and classes."""
    if how.kind == "smiles" or any(path.name.lower().endswith(e) for e in kind_of(how.kind).asked_by):
        return False
    return table.holds_table(path, how.key) and (how.kind in ("vector", "table") or not holds_smiles(path))


def read(path: Path, how: How) -> Samples:
    """The samples of one file that is no table, or of a folder; a part of those that do not fit into memory."""
    return any_file.read(path, how.key, how.kind, how.size, Part(how.most, how.seed))


def fingerprint(path: Path) -> dict[str, Any]:
    """A file's name as it was given, its bytes and their SHA-256; of a folder, over all its files and their names."""
    if not path.is_dir():
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return {"name": str(path), "bytes": path.stat().st_size, "sha256": digest}
    whole, size = hashlib.sha256(), 0
    for name in files(path):
        with (path / name).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        whole.update(f"{name}\0{digest}\n".encode())
        size += (path / name).stat().st_size
    return {"name": str(path), "bytes": size, "sha256": whole.hexdigest()}


def check_paths(paths: Mapping[str, Path]) -> None:
    """An error for one file in two roles, whatever it is called."""
    roles = list(paths)
    for i, role in enumerate(roles):
        for other in roles[:i]:
            a, b = paths[role], paths[other]
            if not (a.exists() and b.exists()):
                continue
            same = a.samefile(b)
            if same or (a.is_file() and b.is_file() and a.stat().st_size == b.stat().st_size and _equal(a, b)):
                raise BadInput(
                    f"{other} and {role} are one and the same file" + ("" if same else " under two names"),
                    f"{b} and {a}",
                    "name another file for one of them",
                )


def _equal(a: Path, b: Path) -> bool:
    return bool(fingerprint(a)["sha256"] == fingerprint(b)["sha256"])
