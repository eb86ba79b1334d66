"""The one place where files are written: whole or not at all, under fresh names, and never through a link.

A half-written file has a name that nobody can foresee, is made anew (`O_EXCL`) and opened through no link
(`O_NOFOLLOW`), relative to a folder that was opened before: whatever lies in a stranger's folder, no other file is
touched. It takes its place only once it is whole and on the disk, and so does its name (`fsync` of both), so that a
power cut leaves the old file or the new one.
"""

from __future__ import annotations

import errno
import io
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from simulacra.core.errors import BadRun, SimulacraError

HALF = re.compile(r"^\..+\.(?:[0-9a-f]{16}\.)?half$", re.DOTALL)
"""Names of half-written files, as a killed process leaves them."""
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_LOCKED = (errno.EROFS, errno.EACCES, errno.EPERM)
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


class CannotWrite(SimulacraError, OSError):
    """A file that could not be written: nothing of it is left, and what had its name before is as it was.

    Args:
        path: of the file.
        error: what the system said.
    """

    def __init__(self, path: Path, error: OSError) -> None:
        stated = error.strerror or str(error) or type(error).__name__
        fix = "choose another place"
        if error.errno in _FULL:
            fix = "make room, or choose another place, and do it again: what was there before is as it was"
        elif error.errno in _LOCKED:
            fix = "choose a place that you may write to, or mend the permissions"
        SimulacraError.__init__(self, "this file cannot be written", f"{path}: {stated}", fix)
        self.errno, self.strerror = error.errno, stated

    def __str__(self) -> str:
        return str(self.args[0])


class NoPlainFile(BadRun):
    """A link, a pipe or a device where a file was to be read or written."""

    def __init__(self, path: Path | str, what: str) -> None:
        super().__init__(
            f"this is {what}, and no file",
            str(path),
            "put the file itself in its place, or choose another name: nothing is written through links, nor read "
            "through those that others may have laid",
        )


@contextmanager
def replacing(path: Path, below: Path | None = None) -> Iterator[IO[bytes]]:
    """A file of bytes to be filled within, which then takes the place of what had its name.

    Args:
        path: of the file. Its folder is made if it is not there.
        below: the folder that was named by the user; no part of the path below it may be a link. By default the
            file's own folder.

    Raises:
        CannotWrite: where the system refuses, be it the disk that is full. Nothing half-written is left.
        NoPlainFile: where the name, or a folder on the way, is a link or no file.
    """
    with saying(path), opened_folder(path, below) as folder:
        before = _plain(path, folder)
        half = f".{path.name[:80]}.{secrets.token_hex(8)}.half"
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        number = os.open(half, flags, 0o666, dir_fd=folder)
        try:
            with os.fdopen(number, "w+b") as file:
                yield file
                file.flush()
                if before is not None:
                    os.fchmod(file.fileno(), before.st_mode & 0o777)
                os.fsync(file.fileno())
            os.replace(half, path.name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            with suppress(OSError):
                os.unlink(half, dir_fd=folder)
            raise
        os.fsync(folder)


@contextmanager
def replacing_text(path: Path, below: Path | None = None, errors: str = "strict") -> Iterator[IO[str]]:
    """The same for text in UTF-8; line ends are written as they are given."""
    with replacing(path, below) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", errors=errors, newline="", write_through=True)
        try:
            yield text
            text.flush()
        finally:
            with suppress(OSError, ValueError):
                text.detach()


def write_bytes(path: Path, data: bytes, below: Path | None = None) -> None:
    """Bytes to a file, whole or not at all."""
    with replacing(path, below) as file:
        file.write(data)


def write_text(path: Path, text: str, below: Path | None = None, errors: str = "strict") -> None:
    """Text to a file in UTF-8, whole or not at all."""
    write_bytes(path, text.encode("utf-8", errors), below)


def append(path: Path, text: str) -> None:
    """Add text to the end of a file, through no link of either sort; on the disk once this returns."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    with saying(path), opened_folder(path) as folder:
        found = _plain(path, folder)
        if found is not None and found.st_nlink > 1:
            raise NoPlainFile(path, "a file that has a second name elsewhere (a hard link)")
        number = os.open(path.name, flags, 0o666, dir_fd=folder)
        try:
            left = memoryview(text.encode())
            while left:
                left = left[os.write(number, left) :]
            os.fsync(number)
        finally:
            os.close(number)
        if found is None:
            os.fsync(folder)


def sweep(folder: Path) -> None:
    """Take away what a killed process left half-written in a folder of ours and in those within; links are left."""
    for place in (folder, *(entry for entry in folder.iterdir() if entry.is_dir() and not entry.is_symlink())):
        for path in place.iterdir():
            if HALF.match(path.name) and not path.is_symlink() and path.is_file():
                with suppress(OSError):
                    path.unlink()


def check_plain(folder: Path, deep: int = 3) -> None:
    """A folder of ours holds files and folders: a link in it may lead anywhere, and a pipe is never read to its end.

    Raises:
        NoPlainFile: naming the first that is neither.
    """
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda e: e.name):
            if entry.is_symlink():
                raise NoPlainFile(f"{entry.path} → {_aim(entry.path)}", "a link")
            if entry.is_dir(follow_symlinks=False):
                if deep > 1:
                    check_plain(Path(entry.path), deep - 1)
            elif not entry.is_file(follow_symlinks=False):
                raise NoPlainFile(entry.path, "a pipe or a device")


@contextmanager
def saying(path: Path) -> Iterator[None]:
    """Within, what the system refuses becomes `CannotWrite`."""
    try:
        yield
    except SimulacraError:
        raise
    except OSError as error:
        raise CannotWrite(path, error) from error


@contextmanager
def opened_folder(path: Path, below: Path | None = None) -> Iterator[int]:
    """The folder of a file, opened by way of no link below the one that was named; what is missing is made."""
    start = path.parent if below is None else below
    if not start.is_dir():
        start.mkdir(parents=True, exist_ok=True)
    number = os.open(start, _FOLDER)
    try:
        for part in path.parent.relative_to(start).parts:
            with suppress(FileExistsError):
                os.mkdir(part, dir_fd=number)
                os.fsync(number)
            if stat.S_ISLNK(os.stat(part, dir_fd=number, follow_symlinks=False).st_mode):
                raise NoPlainFile(path.parent, "a link")
            inner = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=number)
            os.close(number)
            number = inner
        yield number
    finally:
        os.close(number)


def _plain(path: Path, folder: int) -> os.stat_result | None:
    """What bears the name now; None if nothing does. A link, a folder, a pipe or a device is an error."""
    try:
        found = os.stat(path.name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(found.st_mode):
        raise NoPlainFile(f"{path} → {_aim(path)}", "a link")
    if not stat.S_ISREG(found.st_mode):
        raise NoPlainFile(path, "a folder" if stat.S_ISDIR(found.st_mode) else "a pipe or a device")
    return found


def _aim(path: Any) -> str:  # noqa: ANN401 - any path
    with suppress(OSError):
        return str(os.readlink(path))  # noqa: PTH115 - of a string, too
    return "elsewhere"
