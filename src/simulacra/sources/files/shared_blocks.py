"""The blocks of a large set, shared out among processes or Dask's workers: the rows and moments are those of one.

A worker opens the file by the same function as the one who asks, comes to the same rows, passes over its share of the
blocks, and gives back the rows that were chosen among them and the moments of each block. They are put together in the
order of the blocks, so that not even the rounding differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, runtime_checkable

from simulacra.core.errors import BadInput
from simulacra.core.moments import Moments

ASIDE = True
SHARES = 4  # for each worker: one who is slow holds up little


@runtime_checkable
class Engine(Protocol):
    """Who reads: what draws shards reads them, too (`bulk/engines.py`)."""

    def workers(self) -> int:
        """How many work at a time."""
        ...

    def finished(self, task: Callable[[int], Any], places: Iterator[int]) -> Iterator[Any]:
        """What became of each place, as it comes."""
        ...


ENGINE: ContextVar[Engine | None] = ContextVar("engine", default=None)
"""Who reads the blocks of sets that do not fit; None for this process alone."""
_AGAIN: ContextVar[Callable[[], object] | None] = ContextVar("again", default=None)
_OWN: ContextVar[tuple[int, int] | None] = ContextVar("own", default=None)


@dataclass(frozen=True)
class Passed:
    """What a pass over some blocks brings.

    Args:
        rows: chosen ones, of each block that has any.
        names: of the columns whose moments are known.
        moments: of each block.
        length: rows of all blocks.
    """

    rows: Sequence[Any]
    names: tuple[str, ...]
    moments: Sequence[Moments]
    length: int


class Reached(BaseException):
    """A worker has come to its rows, and nothing further is done there. No error, and so caught by none who reads."""

    def __init__(self, passed: Passed) -> None:
        super().__init__()
        self.passed = passed


@contextmanager
def shared_among(engine: Engine | None) -> Iterator[None]:
    """Within, the blocks of sets that do not fit are read by these."""
    token = ENGINE.set(engine)
    try:
        yield
    finally:
        ENGINE.reset(token)


@contextmanager
def read_again(by: Callable[[], object]) -> Iterator[None]:
    """Within, whoever helps calls this to come to the same rows; a function of a module with plain arguments."""
    token = _AGAIN.set(by)
    try:
        yield
    finally:
        _AGAIN.reset(token)


def own_share(blocks: int) -> range | None:
    """In a worker, the blocks that it reads; None elsewhere."""
    own = _OWN.get()
    return None if own is None else range(own[0] * blocks // own[1], (own[0] + 1) * blocks // own[1])


def passed_by_others(blocks: int) -> Iterator[tuple[int, Passed]] | None:
    """The shares of all blocks with their places, as they come; None where nobody helps."""
    engine, again = ENGINE.get(), _AGAIN.get()
    if engine is None or again is None or blocks < 2:
        return None
    shares = min(blocks, SHARES * max(engine.workers(), 1))
    found: Iterator[tuple[int, Passed]] = engine.finished(partial(_share, again, shares), iter(range(shares)))
    return found


def _share(again: Callable[[], object], shares: int, place: int) -> tuple[int, Passed]:
    """In any process: one share."""
    token = _OWN.set((place, shares))
    try:
        again()
    except Reached as reached:
        return place, reached.passed
    finally:
        _OWN.reset(token)
    raise BadInput("the set fits into a worker's memory, and not into ours", f"{again}", "leave --engine out")
