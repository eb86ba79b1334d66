"""The manifest of a set that lies in many files: what it is, and the hash of each of its files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulacra.core import writing
from simulacra.core.errors import BadRun
from simulacra.core.files import read_json, write_json
from simulacra.core.seal import hash_of

NAME = "_manifest.json"  # readers of Parquet pass over what begins so
JOURNAL = "_shards.jsonl"
FORMAT = 1


@dataclass(frozen=True)
class Shard:
    """One part of a set, as it lies on disk.

    Args:
        place: which one, from 0.
        rows: samples in it.
        files: the bytes and the SHA-256 of each of its files, by path within the set's folder.
        tally: further counts (strings drawn, molecules valid).
    """

    place: int
    rows: int
    files: Mapping[str, tuple[int, str]]
    tally: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, kept: Any) -> Shard:  # noqa: ANN401 - whatever the file holds
        """From JSON."""
        files = {str(name): (int(size), str(digest)) for name, (size, digest) in kept["files"].items()}
        for name in files:
            if Path(name).is_absolute() or ".." in Path(name).parts:
                raise ValueError(f"{name} lies outside of the folder")
        return cls(int(kept["place"]), int(kept["rows"]), files, dict(kept.get("tally", {})))

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        found = {"place": self.place, "rows": self.rows, "files": {n: list(f) for n, f in self.files.items()}}
        return found | ({"tally": dict(self.tally)} if self.tally else {})

    def faults(self, folder: Path) -> Iterator[str]:
        """What is wrong with its files, a line each."""
        for name, (size, digest) in self.files.items():
            path = folder / name
            if path.is_symlink() or not path.is_file():
                yield f"{name} is missing"
            elif path.stat().st_size != size:
                yield f"{name} has {path.stat().st_size:,} bytes instead of {size:,}"
            elif hash_of(path) != digest:
                yield f"{name} has changed: its SHA-256 is another"


@dataclass(frozen=True)
class Manifest:
    """What a set in many files is.

    Args:
        about: run, hash of its weights, seed, n, kind, unit, conditions: all that the shards are a function of.
        shards: those on disk, in order.
        whole: whether they are all.
    """

    about: Mapping[str, Any]
    shards: tuple[Shard, ...]
    whole: bool

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """The manifest of a folder, finished or begun.

        Raises:
            BadRun: there is none, or it is broken.
        """
        path = folder / NAME
        if not path.is_file():
            raise BadRun("this folder is no set of shards", f"{folder}: {NAME} is missing", "name another folder")
        kept = read_json(path)
        try:
            if kept["format"] != FORMAT:
                raise ValueError(f"format {kept['format']}, and {FORMAT} is known")
            if kept["whole"]:
                return cls(kept["about"], tuple(Shard.of(shard) for shard in kept["shards"]), True)
            found = {shard.place: shard for shard in _journal(folder)}
            return cls(kept["about"], tuple(found[place] for place in sorted(found)), False)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadRun(
                "this manifest is broken", f"{path}: {error!r}", "copy the set again, or draw it anew"
            ) from error

    def write(self, folder: Path) -> None:
        """To its folder; of a set begun the shards stand in the journal."""
        shards = [shard.to_dict() for shard in self.shards] if self.whole else []
        kept = {"format": FORMAT, "whole": self.whole, "about": dict(self.about), "shards": shards}
        write_json(folder / NAME, kept)
        if self.whole:
            (folder / JOURNAL).unlink(missing_ok=True)

    def note(self, folder: Path, shard: Shard) -> None:
        """A shard is done: a line more in the journal."""
        writing.append(folder / JOURNAL, json.dumps(shard.to_dict()) + "\n")


def room(size: int | float) -> str:
    """Bytes in words.

    >>> room(912), room(10_700), room(3.2e9)
    ('912 B', '10.7 kB', '3.2 GB')
    """
    left = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if left < 1000:
            return f"{left:.3g} {unit}"
        left /= 1000
    return f"{left:.3g} TB"


def _journal(folder: Path) -> Iterator[Shard]:
    """Shards of a set begun; a last line cut by a power cut is none."""
    path = folder / JOURNAL
    if not path.is_file():
        return
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                yield Shard.of(json.loads(line))
            except (KeyError, TypeError, ValueError, AttributeError):
                continue
