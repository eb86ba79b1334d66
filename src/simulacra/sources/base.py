"""Where samples come from: a simulator draws without end, an archive is read once, a stream block by block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np

from simulacra.core.samples import Array, Samples


@runtime_checkable
class Simulator(Protocol):
    """Endless, lawful draws."""

    def draw(self, n: int, rng: np.random.Generator) -> Samples:
        """n independent samples."""
        ...


@runtime_checkable
class Archive(Protocol):
    """A finite set, read once; it never splits itself."""

    def read(self) -> Samples:
        """All of it."""
        ...


@dataclass(frozen=True)
class Names:
    """The records of a stream, before any is read; some hundred bytes each.

    Args:
        id: the name of each record, (n,).
        group: what must not be torn apart, (n,).
        sizes: records in each block, in order.
    """

    id: Array
    group: Array
    sizes: tuple[int, ...]


@runtime_checkable
class Stream(Archive, Protocol):
    """A finite set that may be larger than memory. What is read at one go is a block: a shard, a file, a row group.

    It is an archive as well: where all of it is asked for, all of it is read.
    """

    def names(self) -> Names:
        """All records, and how they lie in blocks."""
        ...

    def block(self, place: int) -> Samples:
        """The records of a block, in order, named as `names` has them."""
        ...


def read_all(stream: Stream) -> Samples:
    """Every block after one another."""
    return Samples.join([stream.block(place) for place in range(len(stream.names().sizes))])


@runtime_checkable
class Declared(Protocol):
    """A source that says beforehand of which kind its samples are, so that misfits are found before any is drawn."""

    kind: ClassVar[str]


def declared_kind(source: object) -> str:
    """The kind of samples that a source declares; empty where only its data show."""
    return source.kind if isinstance(source, Declared) else ""
