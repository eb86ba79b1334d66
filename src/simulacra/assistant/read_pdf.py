"""PDF files as texts, a page after the other."""

from __future__ import annotations

import io
import logging
import re
from pathlib import Path
from typing import Any

from simulacra.assistant.documents import Document, Unreadable, digest, headings, references
from simulacra.core.errors import extra

_BROKEN = (
    *(ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OverflowError, ZeroDivisionError),
    *(NotImplementedError, AssertionError, EOFError, OSError, MemoryError, UnicodeError),
)
"""What a broken page raises in pypdf, beside its own errors."""


def pdf(path: Path, data: bytes) -> Document:
    """The text of a PDF file; one that is locked or holds pictures of pages alone is not readable."""
    with extra("assistant"):
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what is broken is said once, by the count of its pages
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("it is encrypted; take the password off a copy of it")
        pages = list(reader.pages)
    except PyPdfError as error:
        raise Unreadable(f"it is no readable PDF ({error})") from error
    except _BROKEN as error:
        raise Unreadable(f"it is no readable PDF ({type(error).__name__}: {error})") from error
    text, marks, silent, broken = "", [], 0, 0
    for i, page in enumerate(pages):
        marks.append((len(text), f"page {i + 1}"))
        try:
            found = page.extract_text()
        except (PyPdfError, *_BROKEN):
            found, broken = "", broken + 1
        found = re.sub(r"[\x00-\x08\x0b-\x1f\ud800-\udfff]", " ", found)
        silent += not found.strip()
        text += found.rstrip() + "\n\n"
    if not text.strip():
        raise Unreadable(f"it holds no text on {len(pages)} pages (scanned?); run it through OCR first")
    notes = [f"{silent - broken} of {len(pages)} pages hold no text"] if silent > broken else []
    notes += [f"{broken} of {len(pages)} pages are broken"] if broken else []
    heads = headings(text)
    cite = _cite(reader, text)
    return Document(
        *(str(path), digest(data), "pdf", cite.get("title") or path.name, text),
        marks=tuple(marks),
        sections=tuple(heads),
        dark=tuple(references(text, heads)),
        cite=cite,
        notes=tuple(notes),
    )


def _cite(reader: Any, text: str) -> dict[str, str]:  # noqa: ANN401 - pypdf's reader
    """What the file says of itself, and the identifiers on its first page."""
    try:
        told = (
            {name: str(reader.metadata.get(f"/{name}") or "") for name in ("Title", "Author")}
            if reader.metadata
            else {}
        )
    except _BROKEN:
        told = {}
    found = {name.lower(): value.strip() for name, value in told.items() if len(value.strip()) > 3}
    first = text[:6000]
    if doi := re.search(r"\b10\.\d{4,9}/[^\s\"<>]+", first):
        found["doi"] = doi[0].rstrip(".,;)")
    if arxiv := re.search(r"arXiv:(\d{4}\.\d{4,5})", first):
        found["eprint"] = arxiv[1]
    return found
