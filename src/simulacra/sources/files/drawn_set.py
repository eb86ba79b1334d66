"""A set that was drawn in shards: a folder as `simulacra sample` writes it, read whole or by blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.left import Left
from simulacra.core.manifest import NAME, Manifest
from simulacra.core.part import WHOLE, Part
from simulacra.core.paths import as_path
from simulacra.core.samples import Array, Samples
from simulacra.kinds.base import Kind, kind_of
from simulacra.sources.base import Stream
from simulacra.sources.files.parquet_rows import drawn_parts
from simulacra.sources.files.stored import Stored, columns_of, taken
from simulacra.sources.streams.parquet_set import ParquetSet
from simulacra.sources.streams.zarr_set import ZarrSet


def holds_set(path: Path) -> bool:
    """Whether a folder is a set that was drawn in shards, and no table in Parquet: that is read as all tables are."""
    return (path / NAME).is_file() and not (path.suffix == ".parquet" and _about(path).get("kind") == "table")


def _about(path: Path) -> Mapping[str, Any]:
    return Manifest.read(path).about


@dataclass(frozen=True)
class DrawnSet:
    """Samples of a folder that `simulacra sample RUN -o FOLDER` drew, of the kind, unit and conditions that it states.

    Args:
        path: of the folder: .zarr, .parquet, or of an ending to which the kind of sample is written (.sdf, .hdf5 …).
    """

    path: Path

    def __post_init__(self) -> None:
        as_path(self, "path")

    def read(self) -> Samples:
        """All of them."""
        return self.read_part(WHOLE)

    def read_part(self, part: Part) -> Samples:
        """All of them where they fit into memory, else some."""
        if not (self.path / NAME).is_file():
            raise BadInput("this folder is no set of shards", f"{self.path}: no {NAME}", "name another one")
        drawn_parts(self.path)
        about = _about(self.path)
        if self.path.suffix == ".zarr":
            return _read(_Streamed(ZarrSet(self.path), self.path, about), part)
        if self.path.suffix == ".parquet":
            return _read(_Streamed(ParquetSet(self.path), self.path, about), part)
        return _read(_Parts(self.path, about), part)


def _read(stored: Stored[Samples], part: Part) -> Samples:
    x, known = taken(stored, part)
    return replace(x, left=replace(x.left, taken=known))


class _Rows(Stored[Samples]):
    """Blocks of samples of one kind."""

    def __init__(self, about: Mapping[str, Any]) -> None:
        self.about = about
        self.kind: Kind = kind_of(str(about["kind"]))

    def whole(self) -> Samples:
        """All blocks joined."""
        return self.joined(list(self.blocks()))

    def length(self, block: Samples) -> int:
        """How many."""
        return len(block)

    def some(self, block: Samples, at: Array) -> Samples:
        """Some of a block."""
        return block[at]

    def joined(self, blocks: Sequence[Samples]) -> Samples:
        """Padded to one size, after one another; what was left out of each is counted together."""
        together = blocks[0] if len(blocks) == 1 else Samples.join(self.kind.alike(list(blocks)))
        return replace(together, left=_together([block.left for block in blocks]))

    def numbers(self, block: Samples) -> Mapping[str, Array]:
        """Where objects are of one size: those that are padded have no mean."""
        if type(self.kind).alike is not Kind.alike:
            return {}
        found = columns_of(block.x)
        named = len(found) == len(block.columns)
        return {c.name: x for c, x in zip(block.columns, found.values(), strict=True)} if named else found


class _Streamed(_Rows):
    """The blocks of a stream, one of which is a shard."""

    def __init__(self, stream: Stream, path: Path, about: Mapping[str, Any]) -> None:
        super().__init__(about)
        sizes = [shard.rows for shard in Manifest.read(path).shards if shard.rows]
        self.stream, self.count, self.rows = stream, len(sizes), sum(sizes)
        first = stream.block(0)
        self.each = (first.x.nbytes + sum(values.nbytes for values in first.given.values())) / len(first)

    def blocks(self) -> Iterator[Samples]:
        """Shard by shard."""
        for place in range(self.count):
            yield self.stream.block(place)


class _Parts(_Rows):
    """A file a shard as its kind is written, each read as such a file is read by itself."""

    counted: ClassVar[bool] = True

    def __init__(self, path: Path, about: Mapping[str, Any]) -> None:
        super().__init__(about)
        self.shards = [shard for shard in Manifest.read(path).shards if shard.rows]
        self.files = [
            (path / name, shard.rows, size)
            for shard in self.shards
            for name, (size, _) in shard.files.items()
            if not name.endswith(".json")
        ]
        self.rows = sum(rows for _, rows, _ in self.files)
        size = sum(size for *_, size in self.files)
        self.each = 4.0 * size / max(self.rows, 1)  # files are packed, or text with few digits

    def blocks(self) -> Iterator[Samples]:
        """File by file; names are made different, since each file counts anew."""
        from simulacra.sources.files.any_file import read

        for place, (path, *_) in enumerate(self.files):
            x = read(path, kind=str(self.about["kind"]))
            names = np.char.add(f"{place}.", x.id.astype(str))
            group = names if np.array_equal(x.id, x.group) else np.char.add(f"{place}.", x.group.astype(str))
            yield replace(x, id=names, group=group)


def _together(parts: Sequence[Left]) -> Left:
    """The counts of all parts."""
    out: dict[str, int] = {}
    changed: dict[str, int] = {}
    for left in parts:
        for total, own in ((out, left.out), (changed, left.changed)):
            for reason, n in own.items():
                total[reason] = total.get(reason, 0) + n
    said = tuple(dict.fromkeys(text for left in parts for text in left.said))
    warned = tuple(dict.fromkeys(text for left in parts for text in left.warned))
    return Left(out, sum(left.of for left in parts), changed, said, warned)
