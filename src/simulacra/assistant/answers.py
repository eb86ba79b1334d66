"""An answer: sentences, each with the places that it stands at; or that the library does not say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from simulacra.assistant.documents import Document, Unreadable
from simulacra.assistant.reading import read
from simulacra.assistant.sentences import Span
from simulacra.assistant.words import fold


@dataclass(frozen=True)
class Source:
    """Where a sentence stands.

    Args:
        path: of the file.
        place: page, cell or line, in a reader's words.
        section: the heading above; empty where there is none.
        quote: the very characters of the text from `start` up to `end`.
        start: where it begins in the document's text.
        end: where it ends.
        hash: SHA-256 of the file as it was read.
        title: what the document calls itself.
        encoding: what gives the file's bytes back from the text; empty where the text was drawn out of a format.
        cite: what its bibliography entry would hold.
    """

    path: str
    place: str
    section: str
    quote: str
    start: int
    end: int
    hash: str
    title: str
    encoding: str = ""
    cite: Mapping[str, str] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, document: Document, span: Span) -> Source:
        """A span of a document."""
        start, end = span
        place, section = document.place(start), document.section(start)
        known = (document.hash, document.title, document.encoding, document.cite)
        return cls(document.path, place, section, document.text[start:end], start, end, *known)

    def holds(self) -> bool:
        """Whether the file, read again now, is the one that was read and has the quote at its place, byte by byte."""
        if self.encoding:
            try:
                data = Path(self.path).read_bytes()
                before = data.decode(self.encoding)[: self.start].encode(self.encoding)
            except (OSError, ValueError):
                return False
            quote = self.quote.encode(self.encoding)
            return data[len(before) : len(before) + len(quote)] == quote
        try:
            document = read(Path(self.path))
        except Unreadable:
            return False
        return document.hash == self.hash and document.text[self.start : self.end] == self.quote

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        names = ("path", "place", "section", "quote", "start", "end", "hash", "title")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Sentence:
    """A sentence of an answer with its sources.

    Args:
        text: what is said.
        sources: where it stands; never empty.
        score: how well it fits the question; 0 where it was computed.
        side: "for" or "against", where both sides were asked for; "A", "B" or "both" where two were compared.
    """

    text: str
    sources: tuple[Source, ...]
    score: float = 0.0
    side: str = ""


@dataclass(frozen=True)
class Near:
    """A passage that does not answer, and how far it is: 0 is the question itself, 1 has nothing of it."""

    source: Source
    distance: float


@dataclass(frozen=True)
class Answer:
    """What the library says to a question.

    Args:
        question: as it was understood.
        sentences: the answer; empty where the library does not say.
        near: where it does not say, the nearest passages.
        looked_for: the words that were looked for.
        missing: those of them that stand nowhere in the library.
        notes: what a reader must know: how it was found, what was left out.
        struck: sentences of a writer that no source carried.
        probability: of the library's holding an answer, as far as it can be told.
    """

    question: str
    sentences: tuple[Sentence, ...]
    near: tuple[Near, ...] = ()
    looked_for: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    struck: tuple[str, ...] = ()
    probability: float | None = None

    @property
    def refused(self) -> bool:
        """Whether the library does not say."""
        return not self.sentences

    @property
    def sources(self) -> list[Source]:
        """All sources, each once, in the order of their footnotes."""
        return list(dict.fromkeys(source for sentence in self.sentences for source in sentence.sources))

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> list[str]:
        """The answer in words, with its footnotes."""
        number = {source: i + 1 for i, source in enumerate(self.sources)}
        lines: list[str] = []
        side = ""
        for sentence in self.sentences:
            if sentence.side != side:
                side = sentence.side
                lines += ["", f"{side}:"] if lines else [f"{side}:"]
            marks = "".join(f"[{number[source]}]" for source in sentence.sources)
            lines.append(f"{printable(sentence.text)} {marks}")
        if self.refused:
            lines.append("The library does not say.")
            lines += [f"looked for: {', '.join(self.looked_for)}"] if self.looked_for else []
            lines += [f"nowhere in it: {', '.join(self.missing)}"] if self.missing else []
            lines += ["nearest:"] if self.near else []
            for near in self.near:
                lines.append(f"  distance {near.distance:.2f}  {printable(near.source.quote, 160)}")
                lines.append(f"                 {_where(near.source)}")
        elif number:
            lines.append("")
            lines += [f"[{i}] {_where(s)}\n    “{printable(s.quote, 300)}”" for s, i in number.items()]
        lines += [f"struck out, no source carries it: {printable(text)}" for text in self.struck]
        return [*lines, *(f"note: {note}" for note in self.notes)]

    def _repr_html_(self) -> str:
        """For notebooks: everything of the sources is escaped; nothing of them can run."""
        number = {source: i + 1 for i, source in enumerate(self.sources)}
        parts = []
        for sentence in self.sentences:
            marks = "".join(f"<sup>[{number[s]}]</sup>" for s in sentence.sources)
            side = f"<b>{escape(sentence.side)}:</b> " if sentence.side else ""
            parts.append(f"<p>{side}{escape(printable(sentence.text))} {marks}</p>")
        if self.refused:
            parts.append("<p><b>The library does not say.</b></p>")
            parts += [
                f"<li>{n.distance:.2f}: {escape(printable(n.source.quote, 200))}, {escape(_where(n.source))}</li>"
                for n in self.near
            ]
        parts += [
            f"<li value='{i}'>{escape(_where(s))}: <q>{escape(printable(s.quote, 300))}</q></li>"
            for s, i in number.items()
        ]
        return "".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "question": self.question,
            "refused": self.refused,
            "sentences": [
                {"text": s.text, "side": s.side, "score": s.score, "sources": [o.to_dict() for o in s.sources]}
                for s in self.sentences
            ],
            "near": [{"distance": n.distance, **n.source.to_dict()} for n in self.near],
            "looked_for": list(self.looked_for),
            "missing": list(self.missing),
            "notes": list(self.notes),
            "struck": list(self.struck),
            "probability": self.probability,
        }


def _where(source: Source) -> str:
    section = f", “{printable(source.section, 60)}”" if source.section else ""
    return f"{near_path(source.path)}, {source.place}{section}, sha256 {source.hash[:12]}"


def near_path(path: str) -> str:
    """A path as seen from the folder that one is in, where it lies under it."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path


def printable(text: str, most: int = 10_000) -> str:
    r"""A text on one line without signs that steer a terminal; what is beyond `most` characters is left out.

    >>> printable("a\x1b[31m b\n c")
    'a [31m b c'
    """
    clean = re.sub(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]", " ", fold(text))
    clean = " ".join(clean.split())
    return clean if len(clean) <= most else clean[: most - 1].rstrip() + "…"
