"""Who works in a run folder: a lock file with a heartbeat, so that no two processes write into one run.

On one machine the kernel decides: who works in a folder holds a kernel lock on it (`flock`), which ends with his
process, however that ends, and whatever its number, its host name or its container. Where the kernel cannot be asked —
another machine works on the same network disk, or the file system knows no such locks — the file decides: where its
process can be looked up (this boot, this container), it is, and a process of another start time is another one;
elsewhere the holder touches the file every ten seconds, and a lock that nobody has touched for a minute and a half is
stale; one of an earlier boot of this very machine is dead.
"""

from __future__ import annotations

import json
import os
import platform
import secrets
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

from simulacra.core.errors import BadRun
from simulacra.core.kernel_lock import Kernel, held
from simulacra.core.machine import alive, boot
from simulacra.core.progress import clock

NAME = "lock.json"
BEAT, STALE = 10.0, 90.0  # seconds
Standing = Literal["alive", "dead", "stale"]
"""Of a holder: it works; it is gone for certain; nothing was heard of it for long."""


@dataclass(frozen=True)
class Holder:
    """Who holds a lock.

    Args:
        host: its machine.
        place: boot and container, within which process numbers can be looked up.
        process: its number.
        started: when it was started, in ticks since the boot; "" where the system does not say.
        token: of this holding.
        kernel: the boot whose kernel holds a lock on the folder for it; "" where none does.
        machine: its machine's own number, the same after each boot; "" where the system does not say.
    """

    host: str
    place: str
    process: int
    started: str
    token: str
    kernel: str = ""
    machine: str = ""

    @classmethod
    def here(cls, kernel: bool = False) -> Holder:
        """This process.

        Args:
            kernel: whether it holds a lock of the kernel, too.
        """
        return cls.of(os.getpid(), boot() if kernel else "")

    @classmethod
    def of(cls, process: int, kernel: str = "") -> Holder:
        """A process of this machine."""
        return cls(platform.node(), _place(), process, _started(process), secrets.token_hex(8), kernel, _machine())

    def standing(self, age: float) -> Standing:
        """How it stands, if its last heartbeat is so many seconds old and no kernel lock on the folder is seen."""
        if self.kernel and self.kernel == boot():  # of this kernel, which would hold the lock still
            return "dead"
        if self.place and self.place == _place():
            return "alive" if alive(self.process) and _started(self.process) == self.started else "dead"
        if age <= STALE:
            return "alive"
        return "dead" if self.machine and self.machine == _machine() and self.kernel else "stale"


class Lock:
    """A lock that this process holds, and its heart.

    Args:
        folder: of the run.
        holder: this process.
        kernel: the kernel's lock on the folder, where it gives one.
    """

    def __init__(self, folder: Path, holder: Holder, kernel: Kernel | None = None) -> None:
        self.path, self.holder, self.kernel = folder / NAME, holder, kernel
        self.over = threading.Event()
        threading.Thread(target=self._beat, daemon=True).start()

    def _beat(self) -> None:
        while not self.over.wait(BEAT):
            with suppress(OSError):  # moved or full: whoever writes there says so
                if _token(self.path) == self.holder.token:
                    os.utime(self.path)

    def release(self) -> None:
        """Let others in."""
        self.over.set()
        with suppress(OSError):
            if _token(self.path) == self.holder.token:
                self.path.unlink()
        if self.kernel is not None:
            self.kernel.release()


_HELD: dict[Path, Lock] = {}


def take(folder: Path, steal: bool = False) -> None:
    """Hold the lock of a run; at once if this process holds it already.

    Args:
        folder: of the run.
        steal: whether a lock whose heartbeat is stale is taken all the same: its holder may be dead, on a machine that
            cannot be asked.
    """
    key = folder.resolve()
    if key in _HELD:
        return
    kernel = Kernel.of(folder)
    if kernel is not None and not kernel.take():
        raise BadRun("this run is still running", _said(folder, holding(folder)), "wait for it, or stop it first")
    try:
        holder = Holder.here(kernel is not None)
        found = holding(folder)
        if found is not None:
            _check(folder, *found, steal)
            _put_aside(folder, found[0])
        _write(folder, holder)
    except BaseException:
        if kernel is not None:
            kernel.release()
        raise
    _HELD[key] = Lock(folder, holder, kernel)


def _write(folder: Path, holder: Holder) -> None:
    """The lock file, made anew."""
    try:
        number = os.open(folder / NAME, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW)
        with os.fdopen(number, "w") as file:
            json.dump(asdict(holder), file)
    except FileExistsError as error:
        raise BadRun("this run was taken up by another process just now", str(folder), "wait for it") from error
    except OSError as error:
        raise BadRun(
            "nothing can be written into this run folder",
            f"{folder}: {error.strerror}",
            "copy the folder to a place of your own, and name the copy",
        ) from error


def leave(folder: Path) -> None:
    """Let go of a lock, if this process holds it."""
    lock = _HELD.pop(folder.resolve(), None)
    if lock is not None:
        lock.release()


def holding(folder: Path) -> tuple[Holder, float] | None:
    """Who holds the lock of a run, and how many seconds ago it was heard of; None if nobody holds it."""
    path = folder / NAME
    try:
        age = time.time() - path.stat().st_mtime
        return _holder(json.loads(path.read_text(encoding="utf-8"))), max(age, 0.0)
    except FileNotFoundError:
        return None
    except (OSError, TypeError, ValueError, RecursionError):  # half-written or broken: of a holder unknown
        return Holder("an unknown machine", "", 0, "", ""), time.time() - path.stat().st_mtime if path.exists() else 0.0


def standing(folder: Path) -> Standing | None:
    """How the holder of a run's lock stands; None if nobody holds it."""
    if held(folder):
        return "alive"
    found = holding(folder)
    return None if found is None else found[0].standing(found[1])


def _holder(found: Any) -> Holder:  # noqa: ANN401 - whatever the file holds
    """A holder as a lock file names it.

    Raises:
        TypeError: it names none.
    """
    known = {f.name for f in fields(Holder)}
    holder = Holder(**{name: value for name, value in found.items() if name in known}) if type(found) is dict else None
    if (
        holder is None
        or type(holder.process) is not int
        or not all(isinstance(getattr(holder, name), str) for name in known - {"process"})
    ):
        raise TypeError("no holder")
    return holder


def _said(folder: Path, found: tuple[Holder, float] | None) -> str:
    """Who holds the lock of a folder, in words."""
    if found is None:
        return str(folder)
    holder, age = found
    return f"{folder}, process {holder.process} on {holder.host}, last heard of {clock(age)} ago"


def _check(folder: Path, holder: Holder, age: float, steal: bool) -> None:
    stands, said = holder.standing(age), _said(folder, (holder, age))
    if stands == "alive":
        raise BadRun("this run is still running", said, "wait for it, or stop it first")
    if stands == "stale" and not steal:
        raise BadRun(
            "whether this run is still running cannot be looked up from here",
            said,
            f"if that process is dead: simulacra resume {folder} --steal",
        )


def _put_aside(folder: Path, dead: Holder) -> None:
    """Take a dead holder's lock away; of two who try at once, one can."""
    aside = folder / f".{NAME}.{secrets.token_hex(4)}"
    try:
        (folder / NAME).rename(aside)
        if _token(aside) != dead.token:  # somebody was quicker, and this is his
            os.link(aside, folder / NAME)
    except FileNotFoundError:
        return  # somebody was quicker; who is to have it shows when it is written anew
    except OSError as error:
        raise BadRun(
            "nothing can be written into this run folder",
            f"{folder}: {error.strerror}",
            "copy the folder to a place of your own, and name the copy",
        ) from error
    finally:
        aside.unlink(missing_ok=True)


def _token(path: Path) -> str:
    with suppress(OSError, ValueError, AttributeError, RecursionError):
        return str(json.loads(path.read_text(encoding="utf-8")).get("token", ""))
    return ""


def _machine() -> str:
    """This machine's own number, the same after each boot; "" where the system does not say."""
    with suppress(OSError):
        return Path("/etc/machine-id").read_text(encoding="utf-8").strip()
    return ""


def _place() -> str:
    """This boot of this machine, and within it the container."""
    found = [this] if (this := boot()) else []
    with suppress(OSError):
        found.append(str(Path("/proc/self/ns/pid").readlink()))
    return " ".join(found)


def _started(process: int) -> str:
    """When a process of this machine was started, in ticks since the boot."""
    with suppress(OSError, IndexError):
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    return ""
