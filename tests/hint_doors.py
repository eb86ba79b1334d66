"""What was called when an error was raised, so that it can be called again with one thing changed.

A door is a command line, or a function, a class or a method of the package with its arguments, as the test called it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import inspect
import io
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from simulacra.core.errors import SimulacraError

PATIENCE = 1.5  # seconds; an error comes before work begins, and so who works that long has got beyond it
TESTS = str(Path(__file__).parent)


class Beyond(BaseException):
    """The call works on, and is stopped."""


@dataclasses.dataclass(frozen=True)
class Door:
    """A call that can be made again.

    Args:
        call: takes `given` by name, then `more`; or the words of a command line.
        given: arguments by name.
        more: further positional arguments.
        words: of a command line, instead.
        known: names that the fix may use, such as classes: those of the module that raised.
    """

    call: Callable[..., Any]
    given: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    more: tuple[Any, ...] = ()
    words: tuple[str, ...] | None = None
    known: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def again(self) -> object:
        """Make the call."""
        if self.words is not None:
            return self.call(list(self.words))
        return self.call(*self.more, **self.given)


def site_of(error: SimulacraError) -> str:
    """Where it was raised: file, function and the words before anything that was filled in."""
    here = error.__traceback__
    last = None
    while here is not None:
        if "/simulacra/" in here.tb_frame.f_code.co_filename:
            last = here
        here = here.tb_next
    if last is None:
        return ""
    code = last.tb_frame.f_code
    return f"{code.co_filename.rpartition('/simulacra/')[2]}:{last.tb_lineno}"


def of_traceback(traceback: TracebackType | None) -> Door | None:
    """The outermost call into the package from a test; None where it cannot be made again."""
    frames: list[FrameType] = []
    while traceback is not None:
        frames.append(traceback.tb_frame)
        traceback = traceback.tb_next
    ours = [i for i, frame in enumerate(frames) if _is_ours(frame)]
    if not ours:
        return None
    made = _made(frames[ours[0]])
    return made and dataclasses.replace(made, known=dict(frames[ours[-1]].f_globals))


def _is_ours(frame: FrameType) -> bool:
    name = frame.f_globals.get("__name__", "")
    return str(name).startswith("simulacra") and "beartype" not in frame.f_code.co_filename


def _made(frame: FrameType) -> Door | None:
    """The call of one frame."""
    code, (names, more, rest, local) = frame.f_code, inspect.getargvalues(frame)
    given = {name: local[name] for name in names if name in local}
    extra = tuple(local.get(more, ())) if more else ()
    given |= dict(local.get(rest, {})) if rest else {}
    first = names[0] if names else ""
    if code.co_name in ("__init__", "__post_init__") and first == "self":
        own = given.pop("self")
        if code.co_name == "__post_init__":
            return None
        return Door(type(own), given, extra)
    if first in ("self", "cls"):
        owner = given.pop(first)
        call = owner if code.co_name == "__call__" else getattr(owner, code.co_name, None)
    else:
        call = frame.f_globals.get(code.co_name)
    if not callable(call) or code.co_flags & inspect.CO_GENERATOR:
        return None
    return Door(call, {} if extra else given, (*given.values(), *extra) if extra else ())


def tried(door: Door) -> BaseException | None:
    """What the call ends in, without a word on the screen: None for success."""
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()), patience():
            door.again()
    except SystemExit as stop:
        return None if not stop.code else stop
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return None if isinstance(error, Beyond) else error
    return None


@contextlib.contextmanager
def patience(seconds: float = PATIENCE) -> Iterator[None]:
    """Stop what is done within after so many seconds, unless it imports just then."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def over(number: int, frame: FrameType | None) -> None:
        while frame is not None:
            if "importlib" in frame.f_code.co_filename:
                signal.setitimer(signal.ITIMER_REAL, 0.2)
                return
            frame = frame.f_back
        raise Beyond

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
