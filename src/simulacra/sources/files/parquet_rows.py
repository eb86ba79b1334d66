"""Rows of Parquet: of one file, or of a folder of part files, of which blocks can be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np

from simulacra.core.broken import reading
from simulacra.core.errors import BadInput, extra
from simulacra.core.manifest import NAME, Manifest
from simulacra.core.packed import check_within
from simulacra.core.samples import Array
from simulacra.sources.files.packed_tables import check_parquet
from simulacra.sources.files.stored import Stored

ASIDE = True
ENDING = ".parquet"
BUFFER = 2**20  # bytes of a column that are read at a time


def parts_of(path: Path) -> list[Path]:
    """The files of a table: itself, or those of a folder in order of their names, hidden ones left out.

    Raises:
        BadInput: there are none, some lie in further folders, or the set that they are was not drawn to its end.
    """
    if not path.is_dir():
        return [path]
    found = sorted(item for item in path.rglob(f"*{ENDING}") if not item.name.startswith((".", "_")))
    check_within(path, found)
    deep = [item for item in found if item.parent != path]
    if deep or not found:
        stated = f"{path}: {deep[0].relative_to(path)}" if deep else f"{path}: no file ends in {ENDING}"
        raise BadInput(
            "this folder holds no part files of one table", stated, "name a folder with such files and no others below"
        )
    if (path / NAME).is_file():
        return drawn_parts(path)
    return found


def drawn_parts(path: Path) -> list[Path]:
    """The files of a set that was drawn in shards, by its manifest, without what lies beside them.

    Raises:
        BadInput: it is not whole, or a file is missing or of another size.
    """
    manifest = Manifest.read(path)
    if not manifest.whole:
        raise BadInput(
            "this set is not drawn to its end",
            f"{path}: {len(manifest.shards):,} shards",
            "finish it: the same `simulacra sample` with --resume",
        )
    sizes = {name: size for shard in manifest.shards for name, (size, _) in shard.files.items()}
    for name, size in sizes.items():
        if not (path / name).is_file() or (path / name).stat().st_size != size:
            raise BadInput(
                "a file of this set is missing, or of another size",
                str(path / name),
                f"simulacra verify {path}; --resume draws it again",
            )
    return [path / name for name in sizes if not name.endswith(".json")]


class ParquetRows(Stored[Any]):
    """Frames of pandas; rows in the order of the files.

    Args:
        path: a file, or a folder of them.
        names: of the columns of the first file.
    """

    def __init__(self, path: Path) -> None:
        with extra("tables"):
            import pandas  # noqa: F401
            from pyarrow import parquet
        self.path, self.files = path, parts_of(path)
        self.rows, size = 0, 0
        self._groups: list[tuple[Path, int, int]] = []
        for file in self.files:
            with reading("parquet", file):
                check_parquet(file)
                about = parquet.read_metadata(file)
                self.rows += about.num_rows
                if file is self.files[0]:
                    self.names = list(about.schema.to_arrow_schema().names)
                self._groups += [(file, i, about.row_group(i).num_rows) for i in range(about.num_row_groups)]
                groups = [about.row_group(i).total_byte_size for i in range(about.num_row_groups)]
                size += max(sum(groups), 8 * about.num_rows * about.num_columns)
        self.each = size / max(self.rows, 1)

    def whole(self) -> Any:  # noqa: ANN401 - a frame
        """All files, one below another."""
        import pandas

        frames = []
        for file in self.files:
            with reading("parquet", file):
                frames.append(pandas.read_parquet(file, partitioning=None))
        return frames[0] if len(frames) == 1 else self.joined(frames)

    def starts(self) -> list[int]:
        """Of row groups, one of which may be several blocks to the reader, but is never torn among helpers."""
        return [0, *accumulate(rows for *_, rows in self._groups)]

    def blocks(self, places: range | None = None) -> Iterator[Any]:
        """Batches of rows, of one row group after another: the reader holds a group until it is done with it."""
        from pyarrow import parquet

        wanted = self._groups if places is None else [self._groups[place] for place in places]
        for file, some in groupby(wanted, itemgetter(0)):
            with reading("parquet", file), parquet.ParquetFile(file, buffer_size=BUFFER) as table:
                for _, group, _ in some:
                    for batch in table.iter_batches(self.step, row_groups=[group]):
                        yield batch.to_pandas()

    def length(self, block: Any) -> int:  # noqa: ANN401 - a frame
        """Rows of a frame."""
        return len(block)

    def some(self, block: Any, at: Array) -> Any:  # noqa: ANN401 - a frame
        """A copy: the block is let go."""
        return block.iloc[at].copy()

    def joined(self, blocks: Sequence[Any]) -> Any:  # noqa: ANN401 - frames
        """One below another; all have the columns of the first.

        Raises:
            BadInput: they have others.
        """
        import pandas

        columns = [list(block.columns) for block in blocks]
        if other := next((names for names in columns if names != columns[0]), None):
            stated = f"{self.path}: {', '.join(map(str, columns[0]))}, and {', '.join(map(str, other))}"
            raise BadInput("the files of this folder have other columns", stated, "keep those of one table in a folder")
        return pandas.concat(list(blocks), ignore_index=True)

    def numbers(self, block: Any) -> Mapping[str, Array]:  # noqa: ANN401 - a frame
        """The columns of numbers, a gap as NaN."""
        found = {}
        for place, name in enumerate(block.columns):
            column = block.iloc[:, place]
            kind = getattr(column.dtype, "numpy_dtype", column.dtype).kind if column.dtype.kind != "O" else "O"
            if kind in "biuf":
                found[str(name)] = np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))
        return found
