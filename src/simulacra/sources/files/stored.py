"""Sets on disk of which a block of rows is read without the rest: the one way to read what may not fit into memory."""

from __future__ import annotations

import mmap
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np

from simulacra.core.moments import Moments
from simulacra.core.part import BLOCK, Part, Taken
from simulacra.core.progress import Progress
from simulacra.core.samples import Array
from simulacra.sources.files.shared_blocks import Passed, Reached, own_share, passed_by_others

ASIDE = True

T = TypeVar("T")
COLUMNS = 1000  # numbers of a row whose moments are kept one by one; of more, the mean and the spread of each row


class Stored(ABC, Generic[T]):
    """Rows that can be read block by block; a block is an array, a frame, or Samples.

    Args:
        rows: in all.
        each: bytes that a row's numbers take in memory.
        counted: whether a block also tells of records that it left out, so that none may go.
    """

    rows: int
    each: float
    counted: ClassVar[bool] = False

    @abstractmethod
    def whole(self) -> T:
        """All rows."""

    @abstractmethod
    def starts(self) -> Sequence[int]:
        """The first row of each block, and at the end the number of rows; a block takes some MiB."""

    @abstractmethod
    def blocks(self, places: range | None = None) -> Iterator[T]:
        """Block after block, in order: these, or all."""

    @abstractmethod
    def length(self, block: T) -> int:
        """Rows of a block."""

    @abstractmethod
    def some(self, block: T, at: Array) -> T:
        """Rows of a block, by their places in it."""

    @abstractmethod
    def joined(self, blocks: Sequence[T]) -> T:
        """Blocks after one another."""

    def numbers(self, block: T) -> Mapping[str, Array]:
        """The columns of a block whose moments are kept, (rows,) each; empty for words."""
        return {}

    @property
    def step(self) -> int:
        """Rows of a block."""
        return max(1, int(BLOCK / max(self.each, 1)))


def taken(stored: Stored[T], part: Part) -> tuple[T, Taken | None]:
    """All rows where they fit into memory; else a part of them, and the moments of all: one pass over the blocks.

    Args:
        stored: the rows.
        part: how much is wanted.

    Returns:
        The rows, and what is known of the whole where it was not read whole.
    """
    if part.fits(stored.rows, stored.each):
        return stored.whole(), None
    places = part.places(stored.rows, stored.each)
    starts = [0] if stored.counted else stored.starts()  # where records are left out, only reading tells
    own = own_share(len(starts) - 1)
    with Progress("reading in blocks", stored.rows) as progress:
        if own is not None:
            raise Reached(_passed(stored, places, own, starts[own.start], progress))
        helped = passed_by_others(len(starts) - 1)
        if helped is None:
            parts = [_passed(stored, places, None, 0, progress)]
        else:
            shares = {}
            for place, passed in helped:
                shares[place] = passed
                progress.step(passed.length)
            parts = [shares[place] for place in sorted(shares)]
    length = sum(passed.length for passed in parts)
    places = places[places < length]  # records that are left out are no rows
    moments = [one for passed in parts for one in passed.moments]
    known = reduce(Moments.merged, moments) if moments else None
    names = next((passed.names for passed in parts if passed.names), ())
    rows = stored.joined([block for passed in parts for block in passed.rows])
    return rows, Taken(len(places), length, part.seed, names, known, places)


def _passed(stored: Stored[T], places: Array, own: range | None, start: int, progress: Progress) -> Passed:
    """One pass over some blocks, or over all.

    Args:
        stored: the rows.
        places: of those that are chosen.
        own: the blocks; None for all.
        start: the first row of the first one.
        progress: is told.
    """
    found: list[T] = []
    moments: list[Moments] = []
    names: tuple[str, ...] = ()
    begun, first = start, int(np.searchsorted(places, start))
    for block in stored.blocks(own):
        n = stored.length(block)
        last = int(np.searchsorted(places, start + n))
        if last > first or stored.counted:
            found.append(stored.some(block, places[first:last] - start))
        columns = stored.numbers(block)
        if columns:
            names = tuple(columns)
            moments.append(Moments.of(np.column_stack(list(columns.values()))))
        start, first = start + n, last
        progress.step(n)
    return Passed(found, names, moments, start - begun)


class StoredArray(Stored[Array]):
    """What is sliced along its first axis: a NumPy memory map, an array of Zarr, a dataset of HDF5, a part of FITS.

    Args:
        x: with `shape` and `dtype`, sliced by rows.
        read: what its file says that the numbers mean: scaled, NaN for what is missing; by default they are as read.
    """

    def __init__(self, x: Any, read: Any = np.asarray) -> None:  # noqa: ANN401 - of any library
        self.x, self.read = x, read
        self.shape, self.dtype = tuple(x.shape), np.dtype(x.dtype)
        self.rows = self.shape[0] if self.shape else 0
        self.each = float(np.prod(self.shape[1:], dtype=np.float64) * self.dtype.itemsize)

    def whole(self) -> Array:
        """As one array, in memory."""
        return np.asarray(self.read(self.x[...]))

    def starts(self) -> list[int]:
        """Of slices; of an array in chunks, of whole chunks."""
        chunk = (getattr(self.x, "chunks", None) or (1,))[0]
        step = max(1, self.step // chunk) * chunk
        return [*range(0, self.rows, step), self.rows]

    def blocks(self, places: range | None = None) -> Iterator[Array]:
        """Slices."""
        starts = self.starts()
        for place in range(len(starts) - 1) if places is None else places:
            yield np.asarray(self.read(self.x[starts[place] : starts[place + 1]]))
            mapped = getattr(self.x, "_mmap", None)
            if mapped is not None:  # pages that were read stay in memory until the system wants them back
                mapped.madvise(mmap.MADV_DONTNEED)

    def length(self, block: Array) -> int:
        """Along the first axis."""
        return len(block)

    def some(self, block: Array, at: Array) -> Array:
        """A copy: the block is let go."""
        return np.array(block[at])

    def joined(self, blocks: Sequence[Array]) -> Array:
        """Along the first axis."""
        return np.concatenate(blocks)

    def numbers(self, block: Array) -> dict[str, Array]:
        """Of rows of numbers each number; of larger objects the mean and the spread of each."""
        return columns_of(block)


def columns_of(block: Array) -> dict[str, Array]:
    """What of a block of an array has moments: its numbers, its numeric fields, or mean and spread of large objects."""
    if block.dtype.names:
        fields = {name: block[name] for name in block.dtype.names}
        return {name: x for name, x in fields.items() if x.ndim == 1 and x.dtype.kind in "biuf"}
    if block.dtype.kind not in "biuf" or not block.ndim:
        return {}
    if block.ndim <= 2 and block[0:1].size <= COLUMNS:
        flat = block.reshape(len(block), -1)
        return {f"column {j + 1}": flat[:, j] for j in range(flat.shape[1])}
    flat = block.reshape(len(block), -1)
    mean = flat.mean(axis=1, dtype=np.float64)
    return {"mean of a sample": mean, "spread within a sample": flat.std(axis=1, dtype=np.float64)}
