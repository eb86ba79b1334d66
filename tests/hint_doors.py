"""What was called when an error was raised, so that it can be called again with one thing changed.

A door is a command line, or a function, a class or a method of the package with its arguments, as the test called it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import inspect
import io
import json
import os
import resource
import select
import signal
import time
import warnings
from collections.abc import Callable, Mapping
from types import FrameType, TracebackType
from typing import Any

from simulacra.core.errors import SimulacraError

PATIENCE, WAIT = 1.0, 30.0
"""Seconds of the processor, and of the clock: an error comes before work begins, so who works on has got beyond it."""


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
        if isinstance(inspect.getattr_static(owner, code.co_name, None), property):  # to look at it is to call it
            return None
        call = owner if code.co_name == "__call__" else getattr(owner, code.co_name, None)
    else:
        call = frame.f_globals.get(code.co_name)
    if not callable(call) or code.co_flags & inspect.CO_GENERATOR:
        return None
    return Door(call, {} if extra else given, (*given.values(), *extra) if extra else ())


@dataclasses.dataclass(frozen=True)
class End:
    """What a call ends in.

    Args:
        how: "success", "error", or "works on" where it was stopped.
        kind: class of the error.
        site: where it was raised.
        wrong: what is wrong, as an error of ours says it.
        ours: whether it is one of ours.
        text: all of it.
    """

    how: str
    kind: str = ""
    site: str = ""
    wrong: str = ""
    ours: bool = False
    text: str = ""

    @classmethod
    def of(cls, error: BaseException) -> End:
        """An error as an end."""
        if isinstance(error, SystemExit) and not error.code:
            return cls("success")
        site, wrong = error.__dict__.get("site", ""), str(getattr(error, "wrong", ""))
        return cls("error", type(error).__name__, site, wrong, isinstance(error, SimulacraError), str(error)[:300])

    def same(self, other: End) -> bool:
        """Whether both are one error."""
        return (self.kind, self.site, self.wrong) == (other.kind, other.site, other.wrong)


def tried(door: Door) -> End:
    """What the call ends in, made in a process of its own, so that nothing of it is left in this one."""
    read, write = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # libraries with threads warn of a fork
        child = os.fork()
    if not child:
        os.close(read)
        _child(door, write)
    os.close(write)
    found, until = b"", time.monotonic() + WAIT
    while time.monotonic() < until and select.select([read], [], [], max(0.0, until - time.monotonic()))[0]:
        part = os.read(read, 65536)
        if not part:
            break
        found += part
    os.close(read)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return End(**json.loads(found)) if found else End("works on")


def _child(door: Door, write: int) -> None:
    """Make the call, write how it ends, and be gone."""
    end = End("works on")
    try:
        used = resource.getrusage(resource.RUSAGE_SELF)
        most = int(used.ru_utime + used.ru_stime + PATIENCE) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (most, most))
        quiet = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(quiet, stream)
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            door.again()
        end = End("success")
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is looked at
        end = End.of(error)
    finally:
        os.write(write, json.dumps(dataclasses.asdict(end)).encode())
        os._exit(0)
