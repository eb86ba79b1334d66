"""The files within a folder, or within a tar or zip archive that is never unpacked to disk."""

from __future__ import annotations

import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from simulacra.core.broken import check_opened
from simulacra.core.errors import BadInput

BROKEN = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, RuntimeError)
ARCHIVES = (".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".zip")


def files(images: Path) -> list[str]:
    """The places of all files in a folder or archive, without links in archives and hidden ones, sorted."""
    if images.is_dir():
        found = sorted(path for path in images.rglob("*") if path.is_file())
        check_within(images, found)
        names = [path.relative_to(images).as_posix() for path in found]
    elif not images.is_file():
        raise BadInput("there is no such folder or archive", str(images), "check the path")
    elif not images.name.lower().endswith(ARCHIVES):
        raise BadInput(
            "pictures are read from a folder or an archive", str(images), f"an archive ends in {', '.join(ARCHIVES)}"
        )
    else:
        with naming_broken(images):
            if images.name.lower().endswith(".zip"):
                with zipfile.ZipFile(images) as archive:
                    for item in archive.infolist():
                        check_opened(item.file_size, item.compress_size, item.filename)
                    names = [item.filename for item in archive.infolist() if not item.is_dir()]
            else:
                with tarfile.open(images) as tape:
                    names = [item.name for item in tape if item.isreg()]
                    check_end(tape)
    return sorted(
        name
        for name in names
        if not any(p.startswith((".", "__MACOSX")) and p not in (".", "..") for p in PurePosixPath(name).parts)
    )


def check_within(folder: Path, found: Iterable[Path]) -> None:
    """An error for links that lead out of a folder: what lies there was not named, and whoever laid them is unknown."""
    home = folder.resolve()
    outward = [path for path in found if not path.resolve().is_relative_to(home)]
    if outward:
        raise BadInput(
            "this folder holds links that lead out of it",
            f"{len(outward)} of them, the first {outward[0]} → {outward[0].resolve()}",
            f"copy the files themselves: cp -rL {folder} COPY; or name the folder in which they are",
        )


def contents(images: Path, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """The bytes of these files, in the order in which they lie there; a name is never looked up on the disk."""
    wanted = set(names)
    if images.is_dir():
        yield from ((name, (images / name).read_bytes()) for name in sorted(wanted))
    elif images.name.lower().endswith(".zip"):
        with naming_broken(images), zipfile.ZipFile(images) as archive:
            yield from ((item.filename, archive.read(item)) for item in archive.infolist() if item.filename in wanted)
    else:
        with naming_broken(images), tarfile.open(images) as tape:
            for item in tape:
                check_opened(item.size, images.stat().st_size, item.name)
                if item.name in wanted and item.isreg() and (file := tape.extractfile(item)):
                    yield item.name, file.read()


@contextmanager
def naming_broken(images: Path) -> Iterator[None]:
    """Read an archive within; if it is broken or locked, say so."""
    try:
        yield
    except (*BROKEN, ValueError) as error:
        raise BadInput(
            "this archive cannot be read", f"{images} ({error})", "fetch or pack it again, without a password"
        ) from error


def check_end(tape: tarfile.TarFile) -> None:
    """Raise if a tar archive, read to its end, lacks its closing empty block: files after a cut would go unseen."""
    assert tape.fileobj is not None
    tape.fileobj.seek(tape.offset)
    if tape.fileobj.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
        raise tarfile.ReadError("it ends without its closing block")
