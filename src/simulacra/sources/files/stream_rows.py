"""Any stream as rows of which a part is read: of a set in memory, of Zarr, Parquet or tar shards, the same way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate

from simulacra.core.left import Left
from simulacra.core.part import Part
from simulacra.core.samples import Array, Samples
from simulacra.kinds.base import Kind, kind_of
from simulacra.sources.base import Stream
from simulacra.sources.files.stored import Stored, columns_of, taken

ASIDE = True


def read_part(stream: Stream, part: Part) -> Samples:
    """All samples of a stream where they fit into memory; else some, drawn at random over all of its blocks.

    Args:
        stream: of any form.
        part: how much is read.
    """
    return read_rows(StreamRows(stream), part)


def read_rows(stored: Stored[Samples], part: Part) -> Samples:
    """The same of blocks of samples."""
    x, known = taken(stored, part)
    return replace(x, left=replace(x.left, taken=known))


class SampleRows(Stored[Samples]):
    """Blocks of samples of one kind."""

    kind: Kind

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


class StreamRows(SampleRows):
    """The blocks of a stream.

    Args:
        stream: of any form.
        sizes: samples of each block, where they are known; else its names say.
    """

    def __init__(self, stream: Stream, sizes: Sequence[int] = ()) -> None:
        self.stream = stream
        self.sizes = tuple(sizes) or stream.names().sizes
        self.rows = sum(self.sizes)
        first = stream.block(0)
        self.kind = kind_of(first.kind)
        self.each = (first.x.nbytes + sum(values.nbytes for values in first.given.values())) / max(len(first), 1)

    def starts(self) -> list[int]:
        """Of shards."""
        return [0, *accumulate(self.sizes)]

    def blocks(self, places: range | None = None) -> Iterator[Samples]:
        """Shard by shard."""
        for place in range(len(self.sizes)) if places is None else places:
            yield self.stream.block(place)


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
