"""How a shard lies on disk: as a part of a Zarr array, as a Parquet file, or in the files of its kind."""

from __future__ import annotations

import io
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from simulacra.bulk.job import Job
from simulacra.core import writing
from simulacra.core.errors import BadInput, extra
from simulacra.core.files import plain
from simulacra.core.manifest import Shard
from simulacra.core.samples import Column, Samples
from simulacra.core.seal import hash_of
from simulacra.kinds.base import kind_of

Tally = Mapping[str, int]


class Layout(ABC):
    """How the shards of a set are written, each for itself."""

    def begin(self, folder: Path, job: Job, row: Samples) -> None:
        """What lies in the folder beside the shards.

        Args:
            folder: of the set.
            job: what is drawn.
            row: one sample as the model draws it.
        """
        self.check(row)

    @abstractmethod
    def check(self, row: Samples) -> None:
        """An error where such samples are not written so."""

    @abstractmethod
    def write(self, samples: Samples, folder: Path, place: int, job: Job, tally: Tally) -> Shard:
        """A shard, each file whole or not at all."""


def layout_of(ending: str) -> Layout:
    """The layout of an ending."""
    if ending == ".zarr":
        from simulacra.bulk.zarr_layout import ZarrLayout

        return ZarrLayout()
    return ParquetLayout() if ending == ".parquet" else KindLayout(ending)


def stated(samples: Samples, job: Job, place: int | None = None) -> dict[str, Any]:
    """What each file says of itself: run, hashes of the weights, seed, conditions, kind, units."""
    about = {**job.about(), "kind": samples.kind, "unit": samples.unit, "origin": samples.origin}
    about |= {"given_unit": dict(samples.given_unit)} if samples.given_unit else {}
    return about if place is None else {**about, "place": place}


def part_name(place: int, ending: str) -> str:
    """The file of a shard.

    >>> part_name(12, ".parquet")
    'part-000012.parquet'
    """
    return f"part-{place:06d}{ending}"


def kept(folder: Path, name: str, data: bytes) -> tuple[int, str]:
    """Bytes written to a file of the set, whole or not at all; how many, and their hash."""
    writing.write_bytes(folder / name, data, below=folder)
    return len(data), sha256(data).hexdigest()


class ParquetLayout(Layout):
    """A file a shard: strings, or a column for each number of a row; of other arrays, lists of fixed length.

    A column is headed as in a table of text, with its unit: "mass [kg]". The schema's metadata has an entry
    `simulacra`, JSON: what the set is, and the shape of an object.
    """

    def check(self, row: Samples) -> None:
        """All are."""
        with extra("scale"):
            import pyarrow.parquet  # noqa: F401

    def write(self, samples: Samples, folder: Path, place: int, job: Job, tally: Tally) -> Shard:
        """One file."""
        import pyarrow
        from pyarrow import parquet

        columns = _columns(samples)
        about = {**stated(samples, job, place), "shape": samples.x.shape[1:], "columns": list(columns)}
        conditions = {name if name not in columns else f"given.{name}": v for name, v in samples.given.items()}
        table = pyarrow.table({**columns, **conditions})
        table = table.replace_schema_metadata({"simulacra": json.dumps(plain(about), sort_keys=True)})
        to = io.BytesIO()
        parquet.write_table(table, to, compression="zstd", row_group_size=max(len(samples), 1))
        name = part_name(place, ".parquet")
        return Shard(place, len(samples), {name: kept(folder, name, to.getvalue())}, tally)


def _columns(samples: Samples) -> dict[str, Any]:
    """The objects as columns of a table."""
    import pyarrow

    x = samples.x
    if x.ndim == 1:
        return {samples.kind: x}
    if x.ndim == 2:
        described = samples.columns or tuple(Column(f"x{place}") for place in range(x.shape[1]))
        found: dict[str, Any] = {}
        for column, values in zip(described, x.T, strict=True):
            header = column.name if column.unit == "1" else f"{column.name} [{column.unit}]"
            if column.levels:
                places = np.where(np.isnan(values), -1, values).astype(int)
                found[header] = [column.levels[at] if at >= 0 else None for at in places]
            else:
                found[header] = values
        return found
    flat = pyarrow.array(np.ascontiguousarray(x).reshape(-1))
    return {"x": pyarrow.FixedSizeListArray.from_arrays(flat, int(np.prod(x.shape[1:])))}


class KindLayout(Layout):
    """A file a shard as the kind of sample is written: molecules to SDF, showers to HDF5, catalogues to CSV.

    Args:
        ending: of the files.
    """

    def __init__(self, ending: str) -> None:
        self.ending = ending

    def check(self, row: Samples) -> None:
        """What the kind is written to."""
        kind = kind_of(row)
        if self.ending not in kind.written:
            known = ", ".join((".parquet", ".zarr", *kind.written))
            raise BadInput(f"{kind.noun} are not written to such files", self.ending, f"end the name in one of {known}")

    def write(self, samples: Samples, folder: Path, place: int, job: Job, tally: Tally) -> Shard:
        """One file, and beside it what it is."""
        name = part_name(place, self.ending)
        kind_of(samples).write(samples, folder / name)
        about = json.dumps(plain(stated(samples, job, place)), sort_keys=True, ensure_ascii=False)
        files = {name: ((folder / name).stat().st_size, hash_of(folder / name))}
        files[f"{name}.json"] = kept(folder, f"{name}.json", f"{about}\n".encode())
        return Shard(place, len(samples), files, tally)
