"""What an attack watches: the user's files, the time, the memory, and what was said."""

from __future__ import annotations

import contextlib
import faulthandler
import io
import random
import re
import resource
import shutil
import signal
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from simulacra.cli import main
from simulacra.core.errors import SimulacraError

SECRET = "the-users-own-secret-7f3a"
STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028]")
SECONDS, WAIT = 30, 300
"""Of the processor, and by the clock, in which a blow must end."""
SORTS = (
    *("overwritten", "outside reads", "tracebacks", "hangs", "silent wrong answers"),
    *("inputs changed", "steering signs", "halves left"),
)
"""What is counted; each should be 0."""


class Hang(BaseException):
    """A blow that did not end in time."""


class Watch:
    """A user's home beside a stranger's files, and all that was found.

    Args:
        folder: an empty one, for both.
        seed: of all chance.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.chance = folder, random.Random(seed)
        self.home = folder / "home"
        self.home.mkdir()
        self.keys = {name: self.home / name for name in ("authorized_keys", "notes.json", "private.npz", "numbers.csv")}
        for path in self.keys.values():
            path.write_text(f"{SECRET}\n")
        self.found: Counter[str] = Counter()
        self.blows: Counter[str] = Counter()
        self.details: list[str] = []

    def called(self, words: list[str], what: str) -> tuple[int, str]:
        """Call the command line; its code, and all it said."""
        out = io.StringIO()
        shutil.rmtree(self.folder / "out", ignore_errors=True) if words[0] not in ("sample", "judge") else None
        (self.folder / "out").mkdir(exist_ok=True)
        code = -1
        with self.watched(what), contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            code = main(words)
        said = out.getvalue()
        if code not in (0, 2, -1):
            self.note("tracebacks", f"{what}: exit {code}")
        if code == 2 and ("fix:" not in said or "Traceback" in said):
            self.note("tracebacks", f"{what}: no three lines: {said[-300:]}")
        if STEERING.search(said):
            self.note("steering signs", f"{what}: {STEERING.findall(said)[:3]}")
        self._after(what, said, self.folder / "got", self.folder / "out")
        return code, said

    def read(self, path: Path, reader: Callable[[Path], object], what: str) -> None:
        """Read a file: an answer or a clear error, and nothing beside it is another."""
        before = content(path.parent)
        said = ""
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        limit = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (used + 2 * 2**30, limit[1]))
        try:
            with self.watched(what):
                try:
                    said = repr(getattr(reader(path), "x", ""))
                except SimulacraError as error:
                    said = str(error)
        finally:
            resource.setrlimit(resource.RLIMIT_AS, limit)
        if content(path.parent) != before:
            self.note("inputs changed", what)
        self._after(what, said)

    @contextlib.contextmanager
    def watched(self, what: str) -> Iterator[None]:
        """In so many seconds, and whatever falls is noted."""

        def late(number: int, frame: FrameType | None) -> None:
            raise Hang

        old = [signal.signal(number, late) for number in (signal.SIGALRM, signal.SIGPROF)]
        signal.alarm(WAIT)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        faulthandler.dump_traceback_later(2 * WAIT, exit=True)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield
        except Hang:
            self.note("hangs", f"{what}: more than {SECONDS} s of the processor, or {WAIT} s")
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001 - whatever it is, it is what the attack looks for
            self.note("tracebacks", f"{what}:\n{traceback.format_exc()}")
        finally:
            faulthandler.cancel_dump_traceback_later()
            signal.alarm(0)
            signal.setitimer(signal.ITIMER_PROF, 0)
            for number, one in zip((signal.SIGALRM, signal.SIGPROF), old, strict=True):
                signal.signal(number, one)

    def _after(self, what: str, said: str, *places: Path) -> None:
        """Whether the user's files are as they were, and nobody has read them."""
        for name, path in self.keys.items():
            if not path.is_file() or path.read_text() != f"{SECRET}\n":
                self.note("overwritten", f"{name}: {what}")
                path.write_text(f"{SECRET}\n")
        if extra := {path.name for path in self.home.iterdir()} - set(self.keys):
            self.note("overwritten", f"new files at home, {extra}: {what}")
            for name in extra:
                (self.home / name).unlink()
        shown = SECRET in said
        for place in places:
            for path in place.rglob("*") if place.is_dir() else ():
                own = path.is_file() and not path.is_symlink() and path.stat().st_nlink == 1
                shown |= own and SECRET.encode() in path.read_bytes()
        if shown:
            self.note("outside reads", what)

    def note(self, sort: str, detail: str) -> None:
        """Something was found."""
        self.found[sort] += 1
        self.details.append(f"{sort}: {detail}")


def content(folder: Path) -> dict[str, bytes]:
    """All files of a folder by their paths in it; links are left out."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def warned(said: str) -> bool:
    """Whether the words say that something is not as it was."""
    return bool(re.search(r"warning|changed|missing|broken|cannot be read|given:", said))


def old_is_gone(path: Path, old: bytes) -> bool:
    """Whether a file is no longer what it was."""
    return not path.is_file() or path.read_bytes() != old
