"""Progress speaks on terminals, after a second, and lives through long steps; elsewhere a line a minute if asked."""

from __future__ import annotations

import io
import time

import pytest

from simulacra.core import progress as module
from simulacra.core.progress import Progress, plain_lines


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def speaking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another test may have made a worker of this process: workers are silent."""
    monkeypatch.setattr(Progress, "silent", False)


def test_a_long_task_tells_how_far_it_is_and_how_long_it_will_take() -> None:
    screen = Terminal()
    with Progress("simulating", 4, to=screen) as progress:
        wait_for(screen, "simulating    0 %  ")  # no step yet: it says that it is alive
        progress.step(note="T = 2.3")
        wait_for(screen, "left  T = 2.3")
    text = screen.getvalue()
    assert " s so far" in text
    assert "simulating   25 %  " in text
    assert text.endswith("\r\033[K")  # it leaves a clean line


def test_a_short_task_and_a_file_stay_silent() -> None:
    screen, file = Terminal(), io.StringIO()
    for to in (screen, file):
        with Progress("judging", 3, to=to) as progress:
            progress.step()
    assert screen.getvalue() == file.getvalue() == ""


def test_of_tasks_within_tasks_the_innermost_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST", 0.05)
    screen = Terminal()
    with Progress("judging", 3, to=screen):
        with Progress("reading bonds", 10, to=screen):
            wait_for(screen, "reading bonds")
            assert "judging" not in screen.getvalue()
        wait_for(screen, "judging")


def test_without_a_terminal_a_long_task_has_a_line_and_another_each_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST", 0.02)
    monkeypatch.setattr(module, "MINUTE", 0.04)
    monkeypatch.setattr(Progress, "plain", False)
    file = io.StringIO()
    with Progress("training", 4, to=file) as silent:
        assert silent.pen is None
    plain_lines()
    with Progress("training", 4, to=file) as progress:
        wait_for(file, "training    0 %")
        progress.step(2, note="loss 0.3")
        wait_for(file, "loss 0.3\n")
    lines = file.getvalue().splitlines()
    assert len(lines) >= 2
    assert all(line.startswith("training   ") and "\r" not in line for line in lines)
    assert "left" in lines[-1]


def wait_for(to: io.StringIO, text: str) -> None:
    """Until it has been written; half a minute at most."""
    for _ in range(600):
        if text in to.getvalue():
            return
        time.sleep(0.05)
    raise AssertionError(f"{text!r} never came: {to.getvalue()!r}")
