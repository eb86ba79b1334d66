"""The library's one file: documents, passages and vectors in SQLite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulacra.assistant.documents import Document, pack, unpack
from simulacra.assistant.sentences import Span
from simulacra.core.errors import BadInput

FORMAT = 1
_SCHEMA = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE documents (
    id INTEGER PRIMARY KEY, path TEXT UNIQUE NOT NULL, hash TEXT NOT NULL, kind TEXT NOT NULL, root TEXT NOT NULL,
    size INTEGER NOT NULL, modified INTEGER NOT NULL, why TEXT NOT NULL, kept TEXT NOT NULL,
    sentences INTEGER NOT NULL);
CREATE TABLE texts (id INTEGER PRIMARY KEY, text TEXT NOT NULL, spans BLOB NOT NULL, passages BLOB NOT NULL);
CREATE TABLE vectors (id INTEGER PRIMARY KEY, sentences BLOB NOT NULL, passages BLOB NOT NULL);
CREATE VIRTUAL TABLE search USING fts5(heading, words, tokenize = "unicode61 remove_diacritics 2");
CREATE VIRTUAL TABLE stems USING fts5vocab(search, row);
"""
_PASSAGES = 2**20
"""More than any document has passages; a passage's row is its document's number times this, and its own number."""


@dataclass(frozen=True)
class Entry:
    """A document as the list shows it.

    Args:
        id: its number.
        path: of its file.
        hash: SHA-256 of the file's bytes.
        kind: of the file; run for a run folder.
        root: the path that was given when it was added.
        size: bytes of the file.
        modified: the file's time of change, ns.
        why: why it could not be read; empty where it could.
        kept: what it calls itself, its notes, pages and sections.
        sentences: how many it has.
    """

    id: int
    path: str
    hash: str
    kind: str
    root: str
    size: int
    modified: int
    why: str
    kept: dict[str, Any]
    sentences: int


@dataclass(frozen=True)
class Indexed:
    """A document with its sentences and passages.

    Args:
        document: its text and what is known of it.
        spans: its sentences.
        passages: first and last sentence (exclusive) of each passage.
    """

    document: Document
    spans: list[Span]
    passages: list[Span]


class Store:
    """One SQLite file. Each change is whole or not at all, whatever kills the process; readers may be several.

    Args:
        path: the file; it is made where there is none.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.base = sqlite3.connect(self.path, timeout=60, isolation_level=None, check_same_thread=False)
            self._open()
        except sqlite3.DatabaseError as error:
            raise BadInput(
                "this file is not a library", f"{path} ({error})", "name another with --library, or restore it"
            ) from error
        except OSError as error:
            raise BadInput("the library cannot be made", f"{path} ({error.strerror})", "name another place") from error

    def _open(self) -> None:
        tables = self.base.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if not tables:
            with self.change():
                if not self.base.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                    for statement in _SCHEMA.split(";\n"):
                        if statement.strip():
                            self.base.execute(statement)
                    self.base.execute("INSERT INTO about VALUES ('format', ?)", (str(FORMAT),))
        row = self.base.execute("SELECT value FROM about WHERE name = 'format'").fetchone()
        if row is None or row[0] != str(FORMAT):
            raise BadInput(
                "this library has another format",
                f"{self.path}: {row[0] if row else 'none'}, this version reads {FORMAT}",
                "index the files again into a new library",
            )

    def close(self) -> None:
        """Let the file go."""
        self.base.close()

    @contextmanager
    def change(self) -> Iterator[None]:
        """Everything within happens, or nothing of it."""
        self.base.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.base.execute("ROLLBACK")
            raise
        self.base.execute("COMMIT")

    def version(self) -> int:
        """A number that changes when the file does."""
        return int(self.base.execute("PRAGMA data_version").fetchone()[0]) + self.base.total_changes

    def entries(self) -> list[Entry]:
        """All documents, by path."""
        columns = "id, path, hash, kind, root, size, modified, why, kept, sentences"
        rows = self.base.execute(f"SELECT {columns} FROM documents ORDER BY path")
        return [Entry(*row[:8], kept=json.loads(row[8]), sentences=row[9]) for row in rows]

    def put(self, entry: Entry, indexed: Indexed | None, words: Sequence[tuple[str, str]]) -> int:
        """A document in place of the one of its path; `words` are heading and text of each passage. Its number."""
        self.drop(entry.path)
        values = (entry.path, entry.hash, entry.kind, entry.root, entry.size, entry.modified, entry.why)
        kept = json.dumps(pack(indexed.document) if indexed else entry.kept, ensure_ascii=False)
        cursor = self.base.execute(
            "INSERT INTO documents (path, hash, kind, root, size, modified, why, kept, sentences) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*values, kept, entry.sentences),
        )
        number = int(cursor.lastrowid or 0)
        if indexed:
            arrays = (np.array(spans, np.int32).tobytes() for spans in (indexed.spans, indexed.passages))
            self.base.execute("INSERT INTO texts VALUES (?, ?, ?, ?)", (number, indexed.document.text, *arrays))
            self.base.executemany(
                "INSERT INTO search (rowid, heading, words) VALUES (?, ?, ?)",
                ((number * _PASSAGES + i, h, w) for i, (h, w) in enumerate(words)),
            )
        return number

    def put_vectors(self, number: int, sentences: NDArray[np.float32], passages: NDArray[np.float32]) -> None:
        """The vectors of a document's sentences and passages, (n, 384) each."""
        self.base.execute(
            "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", (number, _small(sentences), _small(passages))
        )

    def touch(self, entry: Entry) -> None:
        """A document whose file has another time of change and the same bytes."""
        values = (entry.root, entry.size, entry.modified, entry.path)
        self.base.execute("UPDATE documents SET root = ?, size = ?, modified = ? WHERE path = ?", values)

    def drop(self, path: str) -> bool:
        """Take a document out; whether it was there."""
        row = self.base.execute("SELECT id FROM documents WHERE path = ?", (path,)).fetchone()
        if row is None:
            return False
        low = row[0] * _PASSAGES
        self.base.execute("DELETE FROM search WHERE rowid BETWEEN ? AND ?", (low, low + _PASSAGES - 1))
        for table in ("vectors", "texts", "documents"):
            self.base.execute(f"DELETE FROM {table} WHERE id = ?", row)
        return True

    def indexed(self, number: int) -> Indexed:
        """A document by its number."""
        path, digest, kind, kept = self.base.execute(
            "SELECT path, hash, kind, kept FROM documents WHERE id = ?", (number,)
        ).fetchone()
        text, spans, passages = self.base.execute(
            "SELECT text, spans, passages FROM texts WHERE id = ?", (number,)
        ).fetchone()
        pairs = (
            [Span(*pair) for pair in np.frombuffer(b, np.int32).reshape(-1, 2).tolist()] for b in (spans, passages)
        )
        return Indexed(unpack(path, digest, kind, text, json.loads(kept)), *pairs)

    def without_vectors(self) -> list[int]:
        """The numbers of documents that have a text and no vectors."""
        rows = self.base.execute("SELECT id FROM texts WHERE id NOT IN (SELECT id FROM vectors) ORDER BY id")
        return [row[0] for row in rows]

    def sentence_vectors(self, number: int) -> NDArray[np.float32] | None:
        """The vectors of a document's sentences, (n, 384); None where it has none."""
        row = self.base.execute("SELECT sentences FROM vectors WHERE id = ?", (number,)).fetchone()
        return None if row is None else _large(row[0])

    def passage_vectors(self) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
        """All passages with vectors: number of the document and of the passage, (n, 2), and the vectors, (n, 384)."""
        names, parts = [], []
        for number, blob in self.base.execute("SELECT id, passages FROM vectors"):
            part = np.frombuffer(blob, np.int8).reshape(-1, 384)
            names.append(np.stack([np.full(len(part), number), np.arange(len(part))], 1))
            parts.append(part)
        if not parts:
            return np.zeros((0, 2), np.int64), np.zeros((0, 384), np.int8)
        return np.concatenate(names), np.concatenate(parts)

    def counts(self, stems: Sequence[str]) -> tuple[int, dict[str, int]]:
        """How many passages there are, and in how many of them each stem is."""
        total = int(self.base.execute("SELECT count(*) FROM search_docsize").fetchone()[0])
        found = {}
        for stem in set(stems):
            row = self.base.execute("SELECT doc FROM stems WHERE term = ?", (stem,)).fetchone()
            found[stem] = int(row[0]) if row else 0
        return total, found

    def search(self, stems: Sequence[str], most: int) -> list[tuple[int, int, float]]:
        """Passages with any of the stems, best first: document, passage, BM25 (larger is better)."""
        query = " OR ".join(f'"{stem}"' for stem in dict.fromkeys(stems))
        if not query:
            return []
        rows = self.base.execute(
            "SELECT rowid, -bm25(search, 2.0, 1.0) AS score FROM search WHERE search MATCH ? "
            "ORDER BY score DESC LIMIT ?",
            (query, most),
        )
        return [(int(row) // _PASSAGES, int(row) % _PASSAGES, float(s)) for row, s in rows]


def _small(vectors: NDArray[np.float32]) -> bytes:
    """Unit vectors in a byte a number: the product of two is off by about 0.003."""
    return np.clip(np.rint(vectors * 400), -127, 127).astype(np.int8).tobytes()


def _large(blob: bytes) -> NDArray[np.float32]:
    vectors = np.frombuffer(blob, np.int8).reshape(-1, 384).astype(np.float32)
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), np.float32)
