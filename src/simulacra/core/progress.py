"""Progress with the time left: a moving line on a terminal; elsewhere, for the command line, a line a minute."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from types import TracebackType
from typing import ClassVar, Protocol, runtime_checkable

FIRST, MINUTE = 1.0, 60.0
"""Seconds before a task says anything; and between its lines where there is no terminal."""


@runtime_checkable
class Screen(Protocol):
    """What can be written to, and says whether it is a terminal."""

    def write(self, text: str, /) -> int:
        """Write."""
        ...

    def flush(self) -> None:
        """Show what was written."""
        ...

    def isatty(self) -> bool:
        """Whether somebody looks."""
        ...


class Progress:
    """One line that says how far a task is and how long it will take; nothing before a second has passed.

    The line is drawn by a thread of its own, so that it lives through steps that take long. Of tasks within tasks the
    innermost speaks. Where there is no terminal nothing is written, unless `plain_lines` was called, as the command
    line does: then a task that lasts says so in a line, and in another each minute.

    Args:
        what: the task, as the user knows it.
        total: its steps.
        done: steps already behind (a resumed run's).
        to: where to write.
    """

    within: ClassVar[list[Progress]] = []
    plain: ClassVar[bool] = False
    silent: ClassVar[bool] = False

    def __init__(self, what: str, total: int, done: int = 0, to: Screen | None = None) -> None:
        self.what, self.total, self.done, self.note = what, total, done, ""
        self.to: Screen = sys.stderr if to is None else to
        self.first, self.began = done, time.monotonic()
        self.over = threading.Event()
        draw = None if self.silent else self._draw if self.to.isatty() else self._tell if self.plain else None
        self.pen = threading.Thread(target=draw, daemon=True) if draw else None

    def __enter__(self) -> Progress:
        self.within.append(self)
        if self.pen is not None:
            self.pen.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        self.within.remove(self)
        if self.pen is not None:
            self.pen.join()

    def step(self, n: int = 1, note: str = "") -> None:
        """n steps further."""
        self.done += n
        self.note = note

    def _draw(self) -> None:
        if self.over.wait(FIRST):
            return
        while not self.over.wait(0.25):
            if self.within[-1:] != [self]:
                continue
            text = f"{self.line(time.monotonic() - self.began)}  {self.note}".rstrip()
            self.to.write(f"\r\033[K{text[: shutil.get_terminal_size().columns - 1]}")
            self.to.flush()
        self.to.write("\r\033[K")
        self.to.flush()

    def _tell(self) -> None:
        """Plain lines, for logs and pipes: when the task proves long, and each minute."""
        pause = 2 * FIRST
        while not self.over.wait(pause):
            pause = MINUTE
            if self.within[-1:] == [self]:
                self.to.write(f"{self.line(time.monotonic() - self.began)}  {self.note}".rstrip() + "\n")
                self.to.flush()

    def line(self, elapsed: float) -> str:
        """The line after so many seconds.

        >>> Progress("training", total=100).line(0.0)
        'training    0 %'
        """
        share = self.done / max(self.total, 1)
        text = f"{self.what}  {share:4.0%}".replace("%", " %")
        if self.done > self.first:
            return f"{text}  {clock(elapsed * (self.total - self.done) / (self.done - self.first))} left"
        return f"{text}  {clock(elapsed)} so far" if elapsed else text


def plain_lines() -> None:
    """From now on tasks speak where there is no terminal, too."""
    Progress.plain = True


def hush() -> None:
    """From now on no task of this process speaks: of a worker the client does."""
    Progress.silent = True


def clock(seconds: float) -> str:
    """A duration as people say it.

    >>> clock(5.0), clock(75.0), clock(7260.0)
    ('5 s', '1 min 15 s', '2 h 1 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
