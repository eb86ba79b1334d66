"""What stands for the drawing of a shard in tests of engines: quick, without torch, and with faults planted."""

from __future__ import annotations

import hashlib
import os
import resource
import signal
import time
from pathlib import Path

from simulacra.core import writing
from simulacra.core.manifest import Shard


def shard(folder: str, pause: float, place: int) -> Shard:
    """A file of bytes that follow from the place, half of them written late."""
    name = f"part-{place:06d}.bin"
    data = hashlib.sha256(str(place).encode()).digest() * 400
    with writing.replacing(Path(folder) / name) as file:
        file.write(data[:6000])
        time.sleep(pause)
        file.write(data[6000:])
    return Shard(place, 10, {name: (len(data), hashlib.sha256(data).hexdigest())})


def full_disk(folder: str, at: int, place: int) -> Shard:
    """The same; at one place the system takes no more bytes than a few thousand."""
    if place == at:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    return shard(folder, 0.0, place)


def straggling(folder: str, at: int, place: int) -> Shard:
    """The same; one place takes long."""
    return shard(folder, 1.0 if place == at else 0.0, place)


def deadly(folder: str, at: int, place: int) -> Shard:
    """The same; one place ends each process that tries it, as the want of memory does."""
    if place == at:
        os.kill(os.getpid(), signal.SIGKILL)
    return shard(folder, 0.0, place)
