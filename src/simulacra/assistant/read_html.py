"""Web pages as texts: what is read on them, without scripts, styles and menus."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from simulacra.assistant.documents import Document, Unreadable, decode, digest, references

_SILENT = frozenset(
    [
        "script",
        "style",
        "template",
        "noscript",
        "svg",
        "math",
        "head",
        "nav",
        "iframe",
        "object",
        "canvas",
        "select",
        "textarea",
    ]
)
_EMPTY = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "main",
        "header",
        "footer",
        "li",
        "ul",
        "ol",
        "table",
        "tr",
        "td",
        "th",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "pre",
        "blockquote",
        "figcaption",
        "dt",
        "dd",
        "br",
    ]
)


class _Page(HTMLParser):
    """Collects text, headings, the title and what the page's meta tags say of it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.length, self.silent, self.title, self.in_title = 0, 0, "", False
        self.heads: list[tuple[int, str]] = []
        self.heading: int | None = None
        self.cite: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "title":
            self.in_title = True
        elif tag == "meta":
            self._meta({name: value or "" for name, value in attrs})
        elif tag in _SILENT:
            self.silent += 1
        elif tag in _BLOCKS:
            self._write("\n\n" if tag not in ("br", "td", "th") else "\n")
            self.heading = self.length if tag in ("h1", "h2", "h3", "h4") else self.heading

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self.in_title = False
        elif tag in _SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag in _BLOCKS and tag not in _EMPTY:
            if self.heading is not None and tag in ("h1", "h2", "h3", "h4"):
                head = " ".join("".join(self.parts)[self.heading :].split())
                self.heads += [(self.heading, head)] if head else []
                self.heading = None
            self._write("\n\n" if tag not in ("td", "th") else "\n")

    def handle_data(self, data: str) -> None:
        if self.in_title:
            self.title += data
        elif not self.silent:
            self._write(" ".join(data.split("\n")) if data.strip() else " ")

    def _write(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)

    def _meta(self, told: dict[str, str]) -> None:
        names = {"citation_title": "title", "citation_author": "author", "citation_doi": "doi", "author": "author"}
        names |= {"citation_publication_date": "year", "citation_arxiv_id": "eprint", "dc.title": "title"}
        name = names.get(told.get("name", "").lower())
        if name and told.get("content"):
            value = told["content"].strip()
            both = f"{self.cite[name]} and {value}" if name == "author" and name in self.cite else value
            self.cite[name] = both[:4] if name == "year" else both


def html(path: Path, data: bytes) -> Document:
    """What is read on a web page. Nothing of it is run or fetched."""
    source, encoding = decode(data)
    page = _Page()
    page.feed(source)
    page.close()
    text = "".join(page.parts)
    if not text.strip():
        raise Unreadable("it holds no text")
    title = " ".join((page.cite.get("title") or page.title).split()) or path.name
    notes = () if encoding.startswith("utf") else (f"not UTF-8; read as {encoding}",)
    return Document(
        *(str(path), digest(data), "html", title, text),
        sections=tuple(page.heads),
        dark=tuple(references(text, page.heads)),
        cite={"title": title, **page.cite},
        notes=notes,
    )
