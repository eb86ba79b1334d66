"""Who draws the shards: processes of this machine, or Dask's workers here or on a cluster. No scheduler of our own.

An engine takes a task and places, in order, and gives back what became of each as it comes, in any order. A few places
alone are under way at a time, so that memory does not grow with their number. A worker that dies is replaced and its
shard drawn again; an error of the task itself ends the whole.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from typing import Protocol, TypeVar, runtime_checkable

from simulacra.core.errors import BadInput, BadRun

T = TypeVar("T")
AHEAD = 3  # shards under way or waiting, a worker
DEATHS = 5  # of workers in a row without a shard done between


@runtime_checkable
class Engine(Protocol):
    """Who draws."""

    def check(self) -> None:
        """An error where it cannot work, before work begins."""
        ...

    def workers(self) -> int:
        """How many shards are drawn at a time, as far as it is known beforehand."""
        ...

    def finished(self, task: Callable[[int], T], places: Iterator[int]) -> Iterator[T]:
        """What became of each place, as it comes."""
        ...


@dataclass(frozen=True)
class Here:
    """Processes of this machine, each on one thread.

    Args:
        processes: how many.
    """

    processes: int = 1

    def check(self) -> None:
        """At least one."""
        if self.processes < 1:
            raise BadInput("at least one process draws", f"--processes {self.processes}", "give --processes 1 or more")

    def workers(self) -> int:
        """As many as were asked for."""
        return self.processes

    def finished(self, task: Callable[[int], T], places: Iterator[int]) -> Iterator[T]:
        """What became of each place, as it comes."""
        lost: list[int] = []
        deaths = 0
        while True:
            under: dict[Future[T], int] = {}
            pool = ProcessPoolExecutor(self.processes, get_context("spawn"), _end_with_parent)
            try:
                while True:
                    while len(under) < self.processes * AHEAD and (lost or _taken(places, lost)):
                        begun = pool.submit(task, lost[0])
                        under[begun] = lost.pop(0)
                    if not under:
                        return
                    for done in wait(under, return_when=FIRST_COMPLETED).done:
                        found = done.result()
                        del under[done]
                        deaths = 0
                        yield found
            except BrokenProcessPool as error:
                lost = sorted({*lost, *under.values()})
                deaths += 1
                if deaths >= DEATHS:
                    raise dying(lost) from error
            finally:
                pool.shutdown(wait=True, cancel_futures=True)


def dying(places: list[int]) -> BadRun:
    """Workers die, and no shard comes."""
    return BadRun(
        "the workers die one after another",
        f"{DEATHS} times in a row, at the shards {', '.join(map(str, places[:8]))}",
        "is there memory for them? take fewer processes or smaller shards; what is drawn is kept, and --resume goes on",
    )


def _taken(places: Iterator[int], to: list[int]) -> bool:
    """Whether there was one more place."""
    place = next(places, None)
    if place is not None:
        to.append(place)
    return place is not None


def _end_with_parent() -> None:
    """A worker whose client was killed ends, too, and holds no memory for nothing."""
    parent = parent_process()
    assert parent is not None

    def end() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=end, daemon=True).start()
