"""Seals of finished files: a hash of each, so that a file that has changed since is not believed without a word."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from simulacra.core.errors import BadRun
from simulacra.core.lock import NAME as LOCK

OWN = ("run.json", "report.html", LOCK)  # the record has a seal of its own; a report is made anew at any time
BLOCK = 2**20


def hash_of(path: Path) -> str:
    """The SHA-256 of a file."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            found.update(block)
    return found.hexdigest()


def sealed(folder: Path) -> dict[str, str]:
    """The hash of each finished file of a run, by its path in the folder; what a resumed run would need is left out."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        aside = name in OWN or name.startswith("resume/") or path.name.startswith(".")
        if not aside and path.is_file() and not path.is_symlink():
            found[name] = hash_of(path)
    return found


def changed(folder: Path, seals: Mapping[str, Any], most: int | None = None) -> list[str]:
    """What is no longer as it was when the run ended: names of files, with what became of each.

    Args:
        folder: of the run.
        seals: hashes by path.
        most: bytes of a file, beyond which it is not read.
    """
    found = []
    for name, seal in seals.items():
        path = folder / name
        if not path.is_file():
            found.append(f"{name} is missing")
        elif (most is None or path.stat().st_size <= most) and hash_of(path) != seal:
            found.append(f"{name} has changed")
    return found


def seal_of(record: Mapping[str, Any]) -> str:
    """The hash of a record itself, but for the entry that keeps it."""
    rest = {key: value for key, value in record.items() if key != "seal"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def broken_seal(record: Mapping[str, Any]) -> bool:
    """Whether a record keeps a hash of itself, and is no longer what it was."""
    return record.get("seal", "") not in ("", seal_of(record))


def check(folder: Path, seals: Mapping[str, Any], names: Iterable[str]) -> None:
    """Compare files with the hashes that a run ended with, before they are used.

    Args:
        folder: of the run.
        seals: hashes by path; a run of before there were any has none.
        names: of the files that are to be used.

    Raises:
        BadRun: naming the one that has changed.
    """
    for line in changed(folder, {name: seals[name] for name in names if name in seals}):
        raise BadRun(
            "this file of the run is not the one that it ended with",
            f"{folder}: {line} since the run was done",
            "copy the run again from where it is whole, or run again",
        )
