"""Notebooks and bibliographies as texts."""

from __future__ import annotations

import json
import re
from pathlib import Path

from simulacra.assistant.documents import Document, Unreadable, decode, digest
from simulacra.assistant.sentences import Span


def notebook(path: Path, data: bytes) -> Document:
    """The cells of a Jupyter notebook: words are quoted, code and its textual output are dark."""
    try:
        cells = json.loads(decode(data)[0])["cells"]
        parts = [(str(cell["cell_type"]), "".join(cell["source"])) for cell in cells]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Unreadable(f"it is no notebook ({type(error).__name__}: {error})") from error
    text, marks, heads, dark = "", [], [], []
    for i, (kind, source) in enumerate(parts):
        marks.append((len(text), f"cell {i + 1}"))
        if kind == "markdown":
            heads += [(len(text) + m.start(), m[1]) for m in re.finditer(r"^#{1,6} +(.+)$", source, re.M)]
        else:
            dark.append(Span(len(text), len(text) + len(source)))
        text += source.rstrip() + "\n\n"
    if not text.strip():
        raise Unreadable("it is empty")
    title = heads[0][1] if heads else path.name
    return Document(
        *(str(path), digest(data), "notebook", title, text),
        marks=tuple(marks),
        sections=tuple(heads),
        dark=tuple(dark),
        cite={"title": title},
    )


_ENTRY = re.compile(r"@(\w+)\s*\{\s*([^,\s]+)\s*,", re.I)
_FIELD = re.compile(r"(\w+)\s*=\s*(?:\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}|\"([^\"]*)\"|(\w+))", re.S)


def bibtex(path: Path, data: bytes) -> Document:
    """A BibTeX file: titles, authors and abstracts can be quoted, each entry under its key."""
    text, encoding = decode(data)
    entries = list(_ENTRY.finditer(text))
    if not entries:
        raise Unreadable("it holds no BibTeX entry")
    ends = [m.start() for m in entries[1:]] + [len(text)]
    dark, heads = [Span(0, entries[0].start())] if entries[0].start() else [], []
    for entry, end in zip(entries, ends, strict=True):
        heads.append((entry.start(), entry[2]))
        at = entry.start()
        for field in _FIELD.finditer(text, entry.end(), end):
            if field[1].lower() in ("title", "abstract", "note", "annote", "author"):
                inner = field.span(2) if field[2] is not None else field.span(3)
                if inner[0] >= 0:
                    dark.append(Span(at, inner[0]))
                    at = inner[1]
        dark.append(Span(at, end))
    return Document(
        *(str(path), digest(data), "bibtex", path.name, text, encoding),
        sections=tuple(heads),
        dark=tuple(dark),
        cite={"title": path.name},
    )


def entries(text: str) -> dict[str, dict[str, str]]:
    """The entries of a BibTeX text: fields in lower case by key, with the kind of entry under `kind`."""
    found = list(_ENTRY.finditer(text))
    ends = [m.start() for m in found[1:]] + [len(text)]
    return {
        m[2]: {"kind": m[1].lower()}
        | {f[1].lower(): " ".join((f[2] or f[3] or f[4] or "").split()) for f in _FIELD.finditer(text, m.end(), end)}
        for m, end in zip(found, ends, strict=True)
    }
