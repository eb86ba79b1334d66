"""A document's sentences, and the passages that they are found by."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from simulacra.assistant.documents import Document
from simulacra.assistant.sentences import Span, sentences
from simulacra.assistant.store import Indexed
from simulacra.assistant.words import content

LONGEST = 130
"""Words of a passage."""

_MARKUP = re.compile(
    r"^[ \t]*(?:#{1,6} |\\(?:begin|end|section|subsection|chapter|maketitle|documentclass|usepackage)\b)"
)


def index(document: Document) -> Indexed:
    """A document's sentences (headings and dark places left out) in passages of one section each."""
    text, spans = document.text, []
    heads = {offset for offset, _ in document.sections}
    for start, end in _lit(document):
        for first, last in sentences(text[start:end]):
            span = Span(start + first, start + last)
            piece = text[span.start : span.end]
            if not _MARKUP.match(piece) and span.start not in heads and sum(c.isalpha() for c in piece) >= 8:
                spans.append(span)
    return Indexed(document, spans, _group(document, spans))


def _lit(document: Document) -> Iterator[Span]:
    """The pieces of a text between its dark places."""
    at = 0
    for dark in sorted(document.dark):
        if dark.start > at:
            yield Span(at, dark.start)
        at = max(at, dark.end)
    if at < len(document.text):
        yield Span(at, len(document.text))


def _group(document: Document, spans: list[Span]) -> list[Span]:
    found, first, words, section = [], 0, 0, ""
    for i, span in enumerate(spans):
        here, count = document.section(span.start), len(document.text[span.start : span.end].split())
        gap = i > 0 and "\n\n" in document.text[spans[i - 1].end : span.start]
        if i > first and (here != section or words + count > LONGEST or (gap and words > LONGEST // 2)):
            found.append(Span(first, i))
            first, words = i, 0
        section, words = here, words + count
    if first < len(spans):
        found.append(Span(first, len(spans)))
    return found


def stems(indexed: Indexed) -> list[tuple[str, str]]:
    """Of each passage the stems of its heading (with the document's title) and of its text, as they are searched."""
    document, rows = indexed.document, []
    title = content(document.title)
    for first, last in indexed.passages:
        start, end = indexed.spans[first].start, indexed.spans[last - 1].end
        text = re.sub(r"(?<=[^\W\d_])-\s*\n\s*(?=[a-z])", "", document.text[start:end])
        rows.append((" ".join(title + content(document.section(start))), " ".join(content(text))))
    return rows


def means(indexed: Indexed, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The vector of each passage: the direction of its sentences' mean."""
    found = np.stack([vectors[first:last].mean(0) for first, last in indexed.passages])
    return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9), np.float32)
