"""A set that was drawn in shards: a folder as `simulacra sample` writes it, read whole or by blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.manifest import NAME, Manifest
from simulacra.core.part import WHOLE, Part
from simulacra.core.paths import as_path
from simulacra.core.samples import Samples
from simulacra.kinds.base import kind_of
from simulacra.sources.files.parquet_rows import drawn_parts
from simulacra.sources.files.stream_rows import SampleRows, StreamRows, read_rows
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
            return read_rows(StreamRows(ZarrSet(self.path), _sizes(self.path)), part)
        if self.path.suffix == ".parquet":
            return read_rows(StreamRows(ParquetSet(self.path), _sizes(self.path)), part)
        return read_rows(_Parts(self.path, about), part)


def _sizes(path: Path) -> list[int]:
    """Samples of each shard that has any, by the manifest."""
    return [shard.rows for shard in Manifest.read(path).shards if shard.rows]


class _Parts(SampleRows):
    """A file a shard as its kind is written, each read as such a file is read by itself."""

    counted: ClassVar[bool] = True

    def __init__(self, path: Path, about: Mapping[str, Any]) -> None:
        self.about, self.kind = about, kind_of(str(about["kind"]))
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

    def starts(self) -> list[int]:
        """Of files, as the manifest has them; some of their records may be left out as they are read."""
        return [0, *accumulate(rows for _, rows, _ in self.files)]

    def blocks(self, places: range | None = None) -> Iterator[Samples]:
        """File by file; names are made different, since each file counts anew."""
        from simulacra.sources.files.any_file import read

        for place in range(len(self.files)) if places is None else places:
            path, *_ = self.files[place]
            x = read(path, kind=str(self.about["kind"]))
            names = np.char.add(f"{place}.", x.id.astype(str))
            group = names if np.array_equal(x.id, x.group) else np.char.add(f"{place}.", x.group.astype(str))
            yield replace(x, id=names, group=group)
