"""Which files are read, and how: folders are walked, files opened by their ending, what cannot be read is said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from simulacra.assistant.documents import Document, Unreadable, plain
from simulacra.assistant.read_html import html
from simulacra.assistant.read_notebook import bibtex, docstrings, notebook
from simulacra.assistant.read_pdf import pdf
from simulacra.core.errors import BadInput, MissingExtra

LARGEST = 100 * 2**20
"""Bytes of the largest file that is read."""

_ENDINGS: dict[str, Callable[[Path, bytes], Document]] = {
    ".pdf": pdf,
    ".html": html,
    ".htm": html,
    ".xhtml": html,
    ".md": lambda path, data: plain(path, data, "markdown"),
    ".markdown": lambda path, data: plain(path, data, "markdown"),
    ".txt": lambda path, data: plain(path, data, "text"),
    ".text": lambda path, data: plain(path, data, "text"),
    ".rst": lambda path, data: plain(path, data, "text"),
    ".tex": lambda path, data: plain(path, data, "latex"),
    ".bib": bibtex,
    ".ipynb": notebook,
    ".py": docstrings,
}
ENDINGS = tuple(_ENDINGS)
"""What is read, by the file's ending."""


@dataclass(frozen=True)
class Found:
    """A file that can be read, or a run folder.

    Args:
        path: the file or folder, links followed.
        what: a text, or the folder of a run.
    """

    path: Path
    what: Literal["text", "run"]


def walk(paths: Iterable[Path | str]) -> Iterator[Found]:
    """All files of the kinds that are read, in order; each once, however many links lead to it.

    Hidden files and folders within are left out, and those of environments and caches. A path that is not there, or a
    file of another kind that was named itself, is an error.
    """
    seen: set[tuple[int, int]] = set()
    for path in map(Path, paths):
        try:
            path.stat()
        except OSError as error:
            raise BadInput("there is no such file or folder", f"{path} ({error.strerror})", "check the path") from error
        if path.is_file() and path.suffix.lower() not in ENDINGS:
            raise BadInput("files of this kind are not read", str(path), f"give one of {', '.join(ENDINGS)}")
        yield from _walk(path, seen, path.resolve())


def _walk(path: Path, seen: set[tuple[int, int]], home: Path) -> Iterator[Found]:
    try:
        status = path.stat()
    except OSError:  # a link to nothing, or a circle of links
        return
    if path.is_symlink() and not path.resolve().is_relative_to(home):
        if path.is_file() and path.suffix.lower() in ENDINGS:
            yield Found(path.absolute(), "text")  # refused when it is read, and so said
        return
    if (status.st_dev, status.st_ino) in seen:
        return
    seen.add((status.st_dev, status.st_ino))
    if path.is_file():
        if path.suffix.lower() in ENDINGS:
            yield Found(path.resolve(), "text")
        return
    if not path.is_dir():
        return
    if (path / "run.json").is_file():
        yield Found(path.resolve(), "run")
        yield from (Found(card.resolve(), "text") for card in sorted(path.glob("card.md")))
        return  # what else lies in a run folder is a record, and is computed with
    try:
        inside = sorted(path.iterdir())
    except OSError:
        return
    for each in inside:
        if not each.name.startswith(".") and each.name not in ("__pycache__", "node_modules", "site-packages"):
            yield from _walk(each, seen, home)


def read(path: Path) -> Document:
    """The document of a file; `Unreadable` says why there is none."""
    if path.is_symlink():
        raise Unreadable("it is a link that leads out of the folder: name what it leads to, if it is yours")
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise Unreadable(f"it is too large ({size / 2**20:.0f} MiB; at most {LARGEST // 2**20} are read)")
        data = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"it cannot be opened ({error.strerror})") from error
    try:
        return _ENDINGS[path.suffix.lower()](path, data)
    except MissingExtra as error:
        raise Unreadable(f"PDF files need the extra 'assistant' ({error.fix})") from error
