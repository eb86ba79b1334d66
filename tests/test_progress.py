"""Progress speaks on terminals alone, after two seconds, and lives through long steps."""

from __future__ import annotations

import io
import time

from simulacra.core.progress import Progress


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_long_task_tells_how_far_it_is_and_how_long_it_will_take() -> None:
    screen = Terminal()
    with Progress("simulating", 4, to=screen) as progress:
        time.sleep(2.6)  # no step yet: it tells that it is alive
        progress.step(note="T = 2.3")
        time.sleep(0.6)
    text = screen.getvalue()
    assert "simulating    0 %  3 s so far" in text or "simulating    0 %  2 s so far" in text
    assert "simulating   25 %  " in text and "left  T = 2.3" in text
    assert text.endswith("\r\033[K")  # it leaves a clean line


def test_a_short_task_and_a_file_stay_silent() -> None:
    screen, file = Terminal(), io.StringIO()
    for to in (screen, file):
        with Progress("judging", 3, to=to) as progress:
            progress.step()
    assert screen.getvalue() == file.getvalue() == ""
