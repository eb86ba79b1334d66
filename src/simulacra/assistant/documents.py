"""A document as it was read: its text, never changed afterwards, and where its pages, sections and dark places are."""

from __future__ import annotations

import bisect
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulacra.assistant.sentences import Span


class Unreadable(Exception):
    """A file that cannot be read as a text; its words say why."""


@dataclass(frozen=True)
class Document:
    """The text of one file.

    Args:
        path: of the file.
        hash: SHA-256 of its bytes as they were read.
        kind: pdf, html, markdown, text, latex, bibtex or notebook.
        title: what it calls itself; its name where it does not.
        text: the text. Of plain kinds it is the whole file, so that a span of it is a span of the file's bytes.
        encoding: how the file's bytes became the text; empty where the text was drawn out of a format.
        marks: where pages or cells begin: offset and name, in order.
        sections: where sections begin: offset and heading, in order.
        dark: spans that are not quoted: code, comments, preambles, lists of references.
        cite: what its bibliography entry would hold: author, year, title, doi …
        notes: what a reader must know ("2 pages without text").
    """

    path: str
    hash: str
    kind: str
    title: str
    text: str
    encoding: str = ""
    marks: tuple[tuple[int, str], ...] = ()
    sections: tuple[tuple[int, str], ...] = ()
    dark: tuple[Span, ...] = ()
    cite: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def place(self, start: int) -> str:
        """Where an offset lies, in a reader's words: page, cell or line."""
        mark = _before(self.marks, start)
        if self.kind == "pdf":
            return mark[1] if mark else "page 1"
        begin = mark[0] if mark else 0
        line = self.text.count("\n", begin, start) + 1
        if self.kind == "html":
            return f"line {line} of its text"
        return f"{mark[1]}, line {line}" if mark else f"line {line}"

    def section(self, start: int) -> str:
        """The heading under which an offset lies; empty above the first."""
        found = _before(self.sections, start)
        return found[1] if found else ""


def _before(marks: tuple[tuple[int, str], ...], start: int) -> tuple[int, str] | None:
    at = bisect.bisect_right([offset for offset, _ in marks], start) - 1
    return marks[at] if at >= 0 else None


def digest(data: bytes) -> str:
    """SHA-256, as hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def decode(data: bytes) -> tuple[str, str]:
    """The text of a file's bytes and the encoding that gives the same bytes back; binary data is not readable."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            try:
                return data.decode(encoding), encoding  # the byte order mark stays, so that offsets are the file's
            except UnicodeDecodeError as error:
                raise Unreadable(f"its bytes are not the {encoding} that they begin as ({error.reason})") from error
    sample = data[:65536]
    control = sum(byte < 32 and byte not in (9, 10, 12, 13, 27) for byte in sample)
    if b"\0" in sample or control > len(sample) / 50:
        raise Unreadable("it is not a text (binary data)")
    for encoding in ("utf-8", "cp1252", "latin-1"):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise AssertionError("latin-1 reads everything")


_FENCE = re.compile(r"^(```|~~~).*?(?:^\1[ \t]*$|\Z)|<!--.*?-->|\A---\n.*?^---$", re.M | re.S)
_HEADING = re.compile(r"^#{1,6} +(.+?)#* *$", re.M)
_NUMBERED = re.compile(r"^(?:\d{1,2}(?:\.\d{1,2}){0,2}\.? +[A-Z][^.\n]{2,70}|Abstract|References|Bibliography)$", re.M)
_LATEX_HEADING = re.compile(r"\\(?:chapter|(?:sub){0,2}section)\*?\{([^{}]+)\}")
_LATEX_DARK = re.compile(
    r"\A.*?\\begin\{document\}|(?<!\\)%[^\n]*|\\begin\{(equation|align|tikzpicture|tabular|lstlisting|verbatim|"
    r"thebibliography)\*?\}.*?\\end\{\1\*?\}|\\(?:label|bibliography|(?:sub){0,2}section\*?|chapter|bibliographystyle|includegraphics)(?:\[[^\]]*\])?\{[^{}]*\}|\\(?:maketitle|item\b|(?:begin|end)\{[^{}]*\})",
    re.S,
)
_REFERENCES = re.compile(r"^(?:\d+\.? )?(?:references|bibliography|literature cited)$", re.I)


def plain(path: Path, data: bytes, kind: str) -> Document:
    """A Markdown, LaTeX or plain text file: its text is its bytes."""
    text, encoding = decode(data)
    if not text.strip():
        raise Unreadable("it is empty")
    notes = () if encoding.startswith("utf") else (f"not UTF-8; read as {encoding}",)
    if kind == "latex":
        heads = [(m.start(), m[1]) for m in _LATEX_HEADING.finditer(text)]
        dark = [Span(*m.span()) for m in _LATEX_DARK.finditer(text)]
        named = re.search(r"\\title(?:\[[^\]]*\])?\{([^{}]+)\}", text)
        author = re.search(r"\\author(?:\[[^\]]*\])?\{([^{}]+)\}", text)
        cite = {"author": _fold(author[1])} if author else {}
        title = _fold(named[1]) if named else path.name
    else:
        dark = [Span(*m.span()) for m in _FENCE.finditer(text)] if kind == "markdown" else []
        heads = [(m.start(), m[1]) for m in _HEADING.finditer(text) if not _inside(m.start(), dark)]
        title, cite = (heads[0][1] if heads and kind == "markdown" else path.name), {}
        heads = heads or headings(text)
    dark += references(text, heads)
    return Document(
        *(str(path), digest(data), kind, title, text, encoding),
        sections=tuple(heads),
        dark=tuple(sorted(dark)),
        cite={"title": title, **cite},
        notes=notes,
    )


def headings(text: str) -> list[tuple[int, str]]:
    """Numbered headings of a text without markup ("3.1 Training")."""
    return [(m.start(), m[0]) for m in _NUMBERED.finditer(text)]


def references(text: str, heads: list[tuple[int, str]]) -> list[Span]:
    """The lists of references among the sections: nothing in them is a statement of the document."""
    ends = [*(offset for offset, _ in heads[1:]), *([len(text)] if heads else [])]
    return [
        Span(offset, end) for (offset, head), end in zip(heads, ends, strict=True) if _REFERENCES.match(head.strip())
    ]


def _inside(at: int, spans: list[Span]) -> bool:
    return any(span.start <= at < span.end for span in spans)


def _fold(text: str) -> str:
    return " ".join(text.split())


def pack(document: Document) -> dict[str, Any]:
    """What is kept of a document beside its text, as JSON holds it."""
    names = ("title", "encoding", "marks", "sections", "dark", "cite", "notes")
    return {name: getattr(document, name) for name in names}


def unpack(path: str, digest_: str, kind: str, text: str, kept: Mapping[str, Any]) -> Document:
    """What `pack` and the text gave."""
    marks, sections = (tuple((int(a), str(b)) for a, b in kept[name]) for name in ("marks", "sections"))
    dark = tuple(Span(*span) for span in kept["dark"])
    return Document(
        *(path, digest_, kind, kept["title"], text, kept["encoding"]),
        marks=marks,
        sections=sections,
        dark=dark,
        cite=kept["cite"],
        notes=tuple(kept["notes"]),
    )
