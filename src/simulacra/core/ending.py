"""Work in a run's folder: by one process alone, and however it ends, the record says it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

from simulacra.core.errors import BadRun, SimulacraError
from simulacra.core.lock import leave, take
from simulacra.core.writing import sweep


@runtime_checkable
class Closable(Protocol):
    """A run: its folder, and how its end is recorded."""

    folder: Path

    def close(self, state: Literal["running", "done", "failed", "interrupted"], why: str = "") -> None:
        """Say how it ended."""
        ...


@contextmanager
def ending(run: Closable, stopped: str, again: str) -> Iterator[None]:
    """Work in a run's folder within, alone; however that ends, the record says it, if the disk still takes it.

    Args:
        run: in state *running*.
        stopped: what the record says where a hand stopped it.
        again: what to do once there is room, or the permissions are mended.
    """
    take(run.folder)
    try:
        sweep(run.folder)
        yield
    except BaseException as error:
        why = stopped if isinstance(error, KeyboardInterrupt) else str(error)
        if not isinstance(error, KeyboardInterrupt | SimulacraError):
            why = f"{type(error).__name__}: {error}"
        with suppress(OSError, SimulacraError):  # the disk that is full may have no room for the news
            run.close("interrupted" if isinstance(error, KeyboardInterrupt) else "failed", why)
        if isinstance(error, OSError):
            raise BadRun(
                "the run folder could not be written to the end",
                f"{run.folder}: {error.strerror}",
                f"make room, or mend the permissions, then: {again}",
            ) from error
        raise
    finally:
        leave(run.folder)
