"""Progress with the time left, on the terminal; silent where there is none."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TextIO


class Progress:
    """One line that says how far a task is and how long it will take; nothing before two seconds have passed.

    Args:
        what: the task, as the user knows it.
        total: its steps.
        done: steps already behind (a resumed run's).
        to: where to write; only terminals are written to.
    """

    def __init__(self, what: str, total: int, done: int = 0, to: TextIO | None = None) -> None:
        self.what, self.total, self.done = what, total, done
        self.to = sys.stderr if to is None else to
        self.first, self.began, self.shown = done, time.monotonic(), 0.0
        self.quiet = not self.to.isatty()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.shown:
            self.to.write("\r\033[K")
            self.to.flush()

    def step(self, n: int = 1, note: str = "") -> None:
        """n steps further."""
        self.done += n
        now = time.monotonic()
        if self.quiet or now - self.began < 2 or now - self.shown < 0.25:
            return
        self.shown = now
        self.to.write(f"\r\033[K{self.line(now - self.began)}{'  ' + note if note else ''}")
        self.to.flush()

    def line(self, elapsed: float) -> str:
        """The line after so many seconds.

        >>> Progress("training", total=100).line(0.0)
        'training    0 %'
        """
        share = self.done / max(self.total, 1)
        text = f"{self.what}  {share:4.0%}".replace("%", " %")
        if self.done > self.first:
            text += f"  {clock(elapsed * (self.total - self.done) / (self.done - self.first))} left"
        return text


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
