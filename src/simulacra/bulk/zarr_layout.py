"""A set as one Zarr v3 group: an array of all samples, and one of each condition; a shard is one file of each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from simulacra.bulk.job import Job
from simulacra.bulk.layouts import Layout, kept, stated
from simulacra.core.errors import BadInput, extra
from simulacra.core.files import plain
from simulacra.core.manifest import Shard
from simulacra.core.samples import Array, Samples

INNER = 2**20  # bytes of the chunks within a shard's file, so that a few samples can be read alone


class ZarrLayout(Layout):
    """Numbers alone: strings have no place in it.

    A shard is encoded in memory, in an array of one shard, with the very settings of the whole one; its bytes are
    those that Zarr itself would write at that place, and they take that place in one rename.
    """

    def check(self, row: Samples) -> None:
        """Numbers are."""
        with extra("scale"):
            import zarr  # noqa: F401
        if row.x.dtype.kind not in "biuf":
            raise BadInput("strings are not written to Zarr", row.kind, "end the name in .parquet")

    def begin(self, folder: Path, job: Job, row: Samples) -> None:
        """The descriptions of the group and its arrays: what any reader of Zarr needs."""
        self.check(row)
        for name, data in _stored(job, row, job.n, fill=False).items():
            text = json.dumps(json.loads(data), indent=1, sort_keys=True)
            kept(folder, name, text.encode())

    def write(self, samples: Samples, folder: Path, place: int, job: Job, tally: Mapping[str, int]) -> Shard:
        """One file for each array."""
        files = {}
        for name, data in _stored(job, samples, job.shard, fill=True).items():
            array, _, key = name.partition("/c.0")
            if array != name:  # the first shard of an array of one shard: here it takes its own place
                path = f"{array}/c.{place}{key}"
                files[path] = kept(folder, path, data)
        return Shard(place, len(samples), files, tally)


def _stored(job: Job, row: Samples, n: int, fill: bool) -> dict[str, bytes]:
    """What Zarr stores of a group with arrays of n rows in shards, by name: their descriptions, and what fills them."""
    import zarr
    from zarr.codecs import ZstdCodec

    found: dict[str, Any] = {}
    about = plain(stated(row, job))
    group = zarr.create_group(zarr.storage.MemoryStore(found), zarr_format=3, attributes={"simulacra": about})
    for name, values in _arrays(row, job).items():
        shape = values.shape[1:]
        each = max(int(np.prod(shape)) * values.dtype.itemsize, 1)
        array = group.create_array(
            name,
            shape=(n, *shape),
            shards=(job.shard, *shape),
            chunks=(divisor(job.shard, max(INNER // each, 1)), *shape),
            dtype=values.dtype,
            compressors=ZstdCodec(level=3),
            chunk_key_encoding={"name": "default", "separator": "."},
            config={"write_empty_chunks": True},
            attributes=_attributes(name, row, job),
        )
        if fill:
            array[: len(values)] = values
    return {name: data.to_bytes() for name, data in sorted(found.items())}


def divisor(n: int, most: int) -> int:
    """The largest divisor of n that is no larger than `most`.

    >>> divisor(1000, 21), divisor(7, 3), divisor(100, 1000)
    (20, 1, 100)
    """
    return next(d for d in range(min(n, most), 0, -1) if n % d == 0)


def _arrays(x: Samples, job: Job) -> dict[str, Array]:
    """The samples and their conditions as numbers; classes as places among their names."""
    found = {"x": x.x}
    for name, values in x.given.items():
        places = [list(job.levels[name]).index(str(value)) for value in values] if name in job.levels else values
        found[f"given/{name}"] = np.asarray(places)
    return found


def _attributes(name: str, x: Samples, job: Job) -> dict[str, Any]:
    if name == "x":
        columns = [{"name": c.name, "unit": c.unit, "levels": list(c.levels)} for c in x.columns]
        return {"kind": x.kind, "unit": x.unit} | ({"columns": columns} if columns else {})
    short = name.removeprefix("given/")
    levels = {"levels": list(job.levels[short])} if short in job.levels else {}
    return {"unit": x.given_unit.get(short, "1")} | levels
