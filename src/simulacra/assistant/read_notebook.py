"""Notebooks, bibliographies and docstrings as texts."""

from __future__ import annotations

import ast
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


def docstrings(path: Path, data: bytes) -> Document:
    """A Python file: its docstrings can be quoted, its code is dark. Nothing of it is run."""
    text, encoding = decode(data)
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Unreadable(f"it is no Python that can be parsed ({error})") from error
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    lit, heads = [], []
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node, clean=False):
            doc = node.body[0]
            lit.append(Span(starts[doc.lineno - 1], starts[doc.end_lineno or doc.lineno]))
            heads.append((starts[doc.lineno - 1], path.stem if isinstance(node, ast.Module) else node.name))
    if not lit or "\f" in text:
        raise Unreadable("it holds no docstring")
    ends = [0, *(end for _, end in sorted(lit))]
    dark = [Span(a, b) for a, b in zip(ends, [*(start for start, _ in sorted(lit)), len(text)], strict=True) if a < b]
    title = path.stem.replace("_", " ")
    return Document(
        *(str(path), digest(data), "python", title, text, encoding),
        sections=tuple(sorted(heads)),
        dark=tuple(sorted(dark)),
        cite={"title": title},
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
