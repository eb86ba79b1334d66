"""Files into the library: what is new or changed is read, what was read before is left as it is."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simulacra.assistant.bulk_encoder import bulk_encoder
from simulacra.assistant.documents import Unreadable, digest
from simulacra.assistant.encoder import Encoder, home
from simulacra.assistant.passages import index, means, stems
from simulacra.assistant.reading import Found, read, walk
from simulacra.assistant.store import Entry, Indexed, Store
from simulacra.core.progress import Progress


@dataclass(frozen=True)
class Added:
    """What indexing did.

    Args:
        read: files that are new or changed, and were read.
        unchanged: files that are in the library as they are.
        removed: files of the same folders that are no longer there.
        skipped: files that cannot be read, with the reason.
        runs: run folders.
        vectors: whether sentences have vectors; without the extra `assistant` they have none.
    """

    read: int
    unchanged: int
    removed: int
    skipped: Mapping[str, str]
    runs: int
    vectors: bool


def bring_in(store: Store, paths: Sequence[Path | str], quiet: bool = False) -> Added:
    """Index all files under some paths. A stop at any moment loses no more than the file in work."""
    known = {entry.path: entry for entry in store.entries()}
    roots = {str(Path(path).resolve()): list(walk([path])) for path in paths}
    found = {str(f.path): (root, f) for root, files in roots.items() for f in files}
    gone = [p for p in known if p not in found and any(_under(p, root) for root in roots)]
    work = [(f, root, known.get(path)) for path, (root, f) in found.items() if _stamp(f) != _known(known.get(path))]
    if gone:
        with store.change():
            for path in gone:
                store.drop(path)
    fresh = 0
    with Progress("reading", len(work), to=io.StringIO() if quiet else None) as progress:
        for entry, indexed, before in _read_ahead(work):
            vectors = _vectors(indexed, bulk_encoder()) if indexed and home() else None
            with store.change():
                if indexed is None and not entry.why and before is not None and entry.hash == before.hash:
                    store.touch(entry)
                else:
                    fresh += not entry.why
                    number = store.put(entry, indexed, stems(indexed) if indexed else ())
                    if vectors is not None:
                        store.put_vectors(number, *vectors)
            progress.step(note=Path(entry.path).name)
    add_vectors(store, quiet)
    entries = [entry for entry in store.entries() if entry.path in found]
    skipped = {entry.path: entry.why for entry in entries if entry.why}
    runs = sum(entry.kind == "run" for entry in entries)
    return Added(fresh, len(entries) - len(skipped) - fresh, len(gone), skipped, runs, home() is not None)


def add_vectors(store: Store, quiet: bool = False) -> None:
    """Vectors for the documents that were read while the sentence model was not installed."""
    missing = store.without_vectors() if home() else []
    with Progress("vectors", len(missing), to=io.StringIO() if quiet else None) as progress:
        for number in missing:
            vectors = _vectors(store.indexed(number), bulk_encoder())
            with store.change():
                store.put_vectors(number, *vectors)
            progress.step()


def _vectors(indexed: Indexed, encode: Encoder) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    vectors = encode([indexed.document.text[a:b] for a, b in indexed.spans], pieces=1024)
    return vectors, means(indexed, vectors)


def _under(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


def _known(entry: Entry | None) -> tuple[int, int] | None:
    return (entry.size, entry.modified) if entry else None


def _stamp(found: Found) -> tuple[int, int]:
    """Size and time of change. While they stay, a file is taken as unchanged; where they do not, its hash decides."""
    files = [found.path]
    if found.what == "run":
        files = [file for name in ("run.json", "verdicts.json") if (file := found.path / name).is_file()]
    try:
        stats = [file.stat() for file in files]
    except OSError:
        return 0, 0
    return sum(s.st_size for s in stats), max((s.st_mtime_ns for s in stats), default=0)


Work = tuple[Found, str, Entry | None]


def _read_ahead(work: list[Work]) -> Iterator[tuple[Entry, Indexed | None, Entry | None]]:
    """Files read by a thread of its own, at most four ahead, while the vectors of the last are computed."""
    with ThreadPoolExecutor(1) as reader:
        waiting, rest = [], iter(work)
        try:
            waiting = [reader.submit(_read, *task) for task in islice(rest, 4)]
            while waiting:
                yield waiting.pop(0).result()
                waiting += [reader.submit(_read, *task) for task in islice(rest, 1)]
        finally:
            for task in waiting:
                task.cancel()


def _read(found: Found, root: str, before: Entry | None) -> tuple[Entry, Indexed | None, Entry | None]:
    size, modified = _stamp(found)
    entry = Entry(0, str(found.path), "", "", root, size, modified, "", {"title": found.path.name}, 0)
    try:
        if found.what == "run":
            files = [found.path / name for name in ("run.json", "verdicts.json")]
            whole = digest(b"".join(file.read_bytes() for file in files if file.is_file()))
            return replace(entry, kind="run", hash=whole), None, before
        document = read(found.path)
        if before is not None and before.hash == document.hash and not before.why:
            return replace(entry, hash=document.hash), None, before
        indexed = index(document)
        if not indexed.spans:
            raise Unreadable("it holds no sentence")
    except Unreadable as error:
        return replace(entry, kind=found.path.suffix.lower().removeprefix("."), why=str(error)), None, before
    except OSError as error:
        return replace(entry, kind="run", why=f"it cannot be opened ({error.strerror})"), None, before
    return replace(entry, kind=document.kind, hash=document.hash, sentences=len(indexed.spans)), indexed, before
