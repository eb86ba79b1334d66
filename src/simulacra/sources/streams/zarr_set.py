"""A set in a Zarr group, read shard by shard."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from simulacra.core.errors import BadInput, extra
from simulacra.core.paths import as_path
from simulacra.core.samples import Array, Column, Samples
from simulacra.sources.base import Names, read_all


@dataclass(frozen=True)
class ZarrSet:
    """All samples in one array, and one array of each condition: as `simulacra sample -o SET.zarr` writes them.

    A block is a shard of the array of samples (a chunk, where it has no shards). An array `id` names the records and an
    array `group` says what belongs together, if they are there; else records are named by their places.

    Args:
        folder: of the Zarr group (format 2 or 3).
        array: name of the array of samples within it.
        kind: of the samples; empty where the group says it itself.
        unit: of the samples; empty where the group says it itself.
    """

    folder: Path
    array: str = "x"
    kind: str = ""
    unit: str = ""

    def __post_init__(self) -> None:
        as_path(self, "folder")

    def names(self) -> Names:
        """The records by their places or names."""
        group = _opened(self.folder, self.array)
        n, step = group[self.array].shape[0], self._step()
        ids = group["id"][:].astype(str) if "id" in group else np.arange(n).astype(str)
        groups = group["group"][:].astype(str) if "group" in group else ids
        return Names(ids, groups, tuple(min(step, n - first) for first in range(0, n, step)))

    def block(self, place: int) -> Samples:
        """One shard."""
        group = _opened(self.folder, self.array)
        x, step = group[self.array], self._step()
        rows = slice(place * step, min((place + 1) * step, x.shape[0]))
        told = {**dict(group.attrs.get("simulacra", {})), **dict(x.attrs)}
        kind, unit = self.kind or told.get("kind", ""), self.unit or told.get("unit", "1")
        if not kind:
            raise BadInput("of which kind these samples are is not said", str(self.folder), "give kind='picture' …")
        names = np.arange(rows.start, rows.stop).astype(str)
        ids = group["id"][rows].astype(str) if "id" in group else names
        groups = group["group"][rows].astype(str) if "group" in group else ids
        given, units = self._given(group, rows)
        columns = [Column(**{**c, "levels": tuple(c.get("levels", ()))}) for c in told.get("columns", [])]
        return Samples.of(x[rows], kind, unit, f"{self.folder}", given, ids, groups, units, columns)

    def read(self) -> Samples:
        """All of it."""
        return read_all(self)

    def _step(self) -> int:
        array = _opened(self.folder, self.array)[self.array]
        return int((getattr(array, "shards", None) or array.chunks)[0])

    def _given(self, group: Any, rows: slice) -> tuple[dict[str, Array], dict[str, str]]:  # noqa: ANN401 - a zarr.Group
        given, units = {}, {}
        for name, array in dict(group["given"].arrays()).items() if "given" in group else ():
            values, about = np.asarray(array[rows]), dict(array.attrs)
            given[name] = np.array(about["levels"])[values.astype(int)] if "levels" in about else values
            if about.get("unit", "1") != "1":
                units[name] = str(about["unit"])
        return given, units


@lru_cache(maxsize=4)
def _opened(folder: Path, array: str) -> Any:  # noqa: ANN401 - a zarr.Group
    with extra("scale"):
        import zarr
    try:
        group = zarr.open_group(folder, mode="r")
        if array not in group:
            raise BadInput(
                "the group has no such array", f"{folder}: {array}", f"there are {', '.join(group) or 'none'}"
            )
    except (FileNotFoundError, ValueError, KeyError) as error:
        raise BadInput("this is no Zarr group", f"{folder}: {error}", "name the folder of a group") from error
    return group
