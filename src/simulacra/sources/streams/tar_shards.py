"""A set in tar archives whose members share a key, as WebDataset lays them out, read archive by archive."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from simulacra.core.errors import BadInput
from simulacra.core.packed import naming_broken
from simulacra.core.paths import as_path
from simulacra.core.samples import Array, Samples
from simulacra.domains.pictures.opening import opened
from simulacra.sources.base import Names, read_all
from simulacra.sources.files.image_folder import UNREADABLE

PICTURES = ("png", "jpg", "jpeg", "webp", "tif", "tiff")


@dataclass(frozen=True)
class TarShards:
    """Shards `*.tar`: of a member's name, what is before its first dot is its record's key, the rest says what it is.

    `npy` holds an object of any kind, `png`, `jpg` … a picture (height, width, channels), 0 … 1. Beside it, `cls` holds
    a class, `json` an object of named conditions and perhaps a `group`. Other members are passed over. The members of a
    record lie one after another. A block is a shard; a key must be unique over all of them.

    Args:
        files: a folder of shards, or one.
        kind: of the samples.
        unit: of the samples.

    References:
        High performance I/O for large scale deep learning (Aizman, Maltby & Breuel, 2019), arXiv:2001.01858
    """

    files: Path
    kind: str = "picture"
    unit: str = "1"

    def __post_init__(self) -> None:
        as_path(self, "files")

    def names(self) -> Names:
        """From the members' names, and from the `group` of those that have one."""
        ids, groups, sizes = [], [], []
        for path in self._paths():
            records = _records(path)
            sizes.append(len(records))
            ids += [*records]
            data = path.read_bytes() if any("json" in members for members in records.values()) else b""
            groups += [
                _told(data, members, f"{path}: {key}.json").get("group", key) for key, members in records.items()
            ]
        return Names(np.array(ids, dtype=str), np.array(groups, dtype=str), tuple(sizes))

    def first(self) -> Array:
        """The first object, (1, …): its shape shows of what kind all are."""
        path = self._paths()[0]
        for key, members in _records(path).items():
            with path.open("rb") as file:
                start, size, ending = _place(members, f"{path}: {key}")
                file.seek(start)
                return _object(file.read(size), ending, f"{path}: {key}.{ending}")[None]
        raise BadInput("this shard is empty", str(path), "name another one")

    def block(self, place: int) -> Samples:
        """One shard."""
        path = self._paths()[place]
        records, data = _records(path), path.read_bytes()
        objects, told = [], []
        for key, members in records.items():
            about = _told(data, members, f"{path}: {key}.json")
            if "cls" in members:
                start, size = members["cls"]
                about["class"] = data[start : start + size].decode(errors="replace").strip()
            told.append(about)
            start, size, ending = _place(members, f"{path}: {key}")
            objects.append(_object(data[start : start + size], ending, f"{path}: {key}.{ending}"))
        if len({x.shape for x in objects}) > 1:
            raise BadInput("the objects of a shard have several shapes", str(path), "bring them to one")
        conditions = [name for name in told[0] if name != "group"] if told else []
        missing = [name for name in conditions if not all(name in about for about in told)]
        if missing:
            raise BadInput("some records lack a condition", f"{path}: {', '.join(missing)}", "give it to all")
        given = {name: np.array([about[name] for about in told]) for name in conditions}
        groups = [about.get("group", key) for key, about in zip(records, told, strict=True)]
        return Samples.of(np.stack(objects), self.kind, self.unit, f"{self.files}", given, [*records], groups)

    def read(self) -> Samples:
        """All of it."""
        return read_all(self)

    def _paths(self) -> tuple[Path, ...]:
        paths = tuple(sorted(self.files.glob("*.tar"))) if self.files.is_dir() else (self.files,)
        if not paths or not all(path.is_file() for path in paths):
            raise BadInput("there is no shard", str(self.files), "name a .tar archive, or a folder of such")
        return paths


@lru_cache(maxsize=64)
def _records(path: Path) -> Mapping[str, Mapping[str, tuple[int, int]]]:
    """By key and ending, where each member's bytes lie."""
    found: dict[str, dict[str, tuple[int, int]]] = {}
    with naming_broken(path), tarfile.open(path, "r:") as tape:
        for item in tape:
            if item.isreg():
                key, _, ending = PurePosixPath(item.name).name.partition(".")
                if key:
                    found.setdefault(key, {})[ending.lower()] = (item.offset_data, item.size)
    return found


def _place(members: Mapping[str, tuple[int, int]], where: str) -> tuple[int, int, str]:
    """Where a record's object lies, and how it ends."""
    ending = next((e for e in members if e == "npy" or e in PICTURES), None)
    if ending is None:
        raise BadInput("a record has no object", where, "add KEY.npy or a picture")
    return *members[ending], ending


def _told(data: bytes, members: Mapping[str, tuple[int, int]], where: str) -> dict[str, Any]:
    if "json" not in members:
        return {}
    start, size = members["json"]
    try:
        about = json.loads(data[start : start + size])
    except ValueError as error:
        raise BadInput("a record's JSON is broken", f"{where} ({error})", "mend it") from error
    if not isinstance(about, dict) or not all(isinstance(value, str | int | float) for value in about.values()):
        raise BadInput("a record's JSON names no conditions", where, "write an object of numbers and texts")
    return about


def _object(data: bytes, ending: str, where: str) -> Array:
    if ending == "npy":
        try:
            return np.asarray(np.load(io.BytesIO(data), allow_pickle=False))
        except (ValueError, EOFError, OSError) as error:
            raise BadInput("this is no array", f"{where} ({error})", "write it with numpy.save") from error
    try:
        with opened(data) as picture:
            pixels = np.asarray(picture.convert("L" if picture.mode in ("1", "L") else "RGB"), dtype=np.float32) / 255
    except UNREADABLE as error:
        raise BadInput("this picture cannot be read", f"{where} ({error})", "fetch or pack it again") from error
    return pixels if pixels.ndim == 3 else pixels[..., None]
