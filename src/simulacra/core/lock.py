"""Who works in a run folder: a lock file with a heartbeat, so that no two processes write into one run.

Where the process that holds the lock can be looked up (this machine, this boot, this container), it is: a process of
another start time is another one, whatever its number. Elsewhere the heartbeat decides: the holder touches the file
every ten seconds, and a lock that nobody has touched for a minute and a half is stale.
"""

from __future__ import annotations

import json
import os
import platform
import secrets
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from simulacra.core.errors import BadRun
from simulacra.core.machine import alive
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
    """

    host: str
    place: str
    process: int
    started: str
    token: str

    @classmethod
    def here(cls) -> Holder:
        """This process."""
        return cls.of(os.getpid())

    @classmethod
    def of(cls, process: int) -> Holder:
        """A process of this machine."""
        return cls(platform.node(), _place(), process, _started(process), secrets.token_hex(8))

    def standing(self, age: float) -> Standing:
        """How it stands, if its last heartbeat is so many seconds old."""
        if (self.host, self.place) == (platform.node(), _place()):
            return "alive" if alive(self.process) and _started(self.process) == self.started else "dead"
        return "alive" if age <= STALE else "stale"


class Lock:
    """A lock that this process holds, and its heart.

    Args:
        folder: of the run.
        holder: this process.
    """

    def __init__(self, folder: Path, holder: Holder) -> None:
        self.path, self.holder = folder / NAME, holder
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
    holder = Holder.here()
    found = holding(folder)
    if found is not None:
        _check(folder, *found, steal)
        _put_aside(folder, found[0])
    try:
        with os.fdopen(os.open(folder / NAME, os.O_CREAT | os.O_EXCL | os.O_WRONLY), "w") as file:
            json.dump(asdict(holder), file)
    except FileExistsError as error:
        raise BadRun("this run was taken up by another process just now", str(folder), "wait for it") from error
    except OSError as error:
        raise BadRun(
            "nothing can be written into this run folder",
            f"{folder}: {error.strerror}",
            "copy the folder to a place of your own, and name the copy",
        ) from error
    _HELD[key] = Lock(folder, holder)


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
        return Holder(**json.loads(path.read_text(encoding="utf-8"))), max(age, 0.0)
    except FileNotFoundError:
        return None
    except (OSError, TypeError, ValueError):  # half-written or broken: of a holder unknown
        return Holder("an unknown machine", "", 0, "", ""), time.time() - path.stat().st_mtime if path.exists() else 0.0


def standing(folder: Path) -> Standing | None:
    """How the holder of a run's lock stands; None if nobody holds it."""
    found = holding(folder)
    return None if found is None else found[0].standing(found[1])


def _check(folder: Path, holder: Holder, age: float, steal: bool) -> None:
    stands = holder.standing(age)
    said = f"{folder}, process {holder.process} on {holder.host}, last heard of {clock(age)} ago"
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
    with suppress(OSError, ValueError, AttributeError):
        return str(json.loads(path.read_text(encoding="utf-8")).get("token", ""))
    return ""


def _place() -> str:
    """This boot of this machine, and within it the container."""
    found = []
    with suppress(OSError):
        found.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip())
    with suppress(OSError):
        found.append(str(Path("/proc/self/ns/pid").readlink()))
    return " ".join(found)


def _started(process: int) -> str:
    """When a process of this machine was started, in ticks since the boot."""
    with suppress(OSError, IndexError):
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    return ""
