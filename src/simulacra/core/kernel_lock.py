"""The kernel's own lock on a folder: it ends with the process that holds it, whatever ends that."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path
from typing import Any

try:
    import fcntl as _fcntl
except ImportError:  # a system without such locks: the lock file alone decides
    fcntl: Any = None
else:
    fcntl = _fcntl

TRIES, PAUSE = 20, 0.01
"""A look by another process holds the lock for a moment: so often it is tried again, after so many seconds."""


class Kernel:
    """A lock on a folder, to be taken and released.

    Args:
        number: of the opened folder.
    """

    def __init__(self, number: int) -> None:
        self.number = number

    @classmethod
    def of(cls, folder: Path) -> Kernel | None:
        """A lock on this folder; None where the system or its file system gives none."""
        if fcntl is None:
            return None
        try:
            number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            fcntl.flock(number, fcntl.LOCK_SH | fcntl.LOCK_NB)
            fcntl.flock(number, fcntl.LOCK_UN)
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):  # as of many network disks
                os.close(number)
                return None
        return cls(number)

    def take(self) -> bool:
        """Take it for this process alone; False where another holds it."""
        for _ in range(TRIES):
            try:
                fcntl.flock(self.number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                time.sleep(PAUSE)
            else:
                return True
        self.release()
        return False

    def release(self) -> None:
        """Let it go."""
        if self.number >= 0:
            os.close(self.number)
            self.number = -1


def held(folder: Path) -> bool:
    """Whether a process of this machine, perhaps this one, holds the kernel's lock on a folder."""
    if fcntl is None:
        return False
    try:
        number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(number, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno in (errno.EWOULDBLOCK, errno.EACCES)
    finally:
        os.close(number)
    return False
