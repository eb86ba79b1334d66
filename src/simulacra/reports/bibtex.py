"""References as BibTeX: title (authors, year), identifier, which is how every docstring and record gives them."""

from __future__ import annotations

import re
from collections.abc import Sequence

PATTERN = re.compile(
    r"^(?P<title>.*?)\s*\((?P<authors>[^()]*?),?\s*(?P<year>\d{4})[a-z]?\)\s*,?\s*(?P<rest>.*)$", re.DOTALL
)
ARXIV = re.compile(r"arXiv:\s*([a-z-]+/\d{7}|\d{4}\.\d{4,5})", re.IGNORECASE)
DOI = re.compile(r"doi:\s*(10\.\d{4,}/\S*[^\s,;.])", re.IGNORECASE)
ISBN = re.compile(r"ISBN\s*([\dXx-]{10,17})")
SMALL = {"a", "an", "the", "on", "of", "in", "for", "and", "with", "to"}


def entries(references: Sequence[str], software: str = "") -> str:
    """All of them, a blank line between two; the version of this package first, where it is given.

    >>> print(entries(["Auto-Encoding Variational Bayes (Kingma & Welling, 2014), arXiv:1312.6114"]))
    @misc{kingma2014auto,
      title = {Auto-Encoding Variational Bayes},
      author = {Kingma and Welling},
      year = {2014},
      eprint = {1312.6114},
      archivePrefix = {arXiv}
    }
    """
    known: dict[str, int] = {}
    found = [_software(software)] if software else []
    for text in dict.fromkeys(" ".join(one.split()) for one in references):
        found.append(_entry(text, known))
    return "\n\n".join(found)


def _software(version: str) -> str:
    return _block(
        "software",
        "simulacra",
        {
            "title": "{Simulacra}: generative models for science, with a calibrated verdict",
            "author": "{The Simulacra developers}",
            "version": version,
        },
    )


def _entry(text: str, known: dict[str, int]) -> str:
    parts = PATTERN.match(text)
    if parts is None:
        return _block("misc", _key("reference", "", "", known), {"title": text, "note": text})
    title, year, rest = parts["title"].rstrip(", "), parts["year"], parts["rest"].strip()
    names = [name.strip() for name in re.split(r"\s*(?:,|&|\band\b)\s*", parts["authors"]) if name.strip()]
    authors = [re.sub(r"\s*et al\.?$", "", name) for name in names]
    if any("et al" in name for name in names):
        authors.append("others")
    fields = {"title": title, "author": " and ".join(name for name in authors if name), "year": year}
    arxiv, doi, isbn = ARXIV.search(rest), DOI.search(rest), ISBN.search(rest)
    if arxiv:
        fields |= {"eprint": arxiv[1], "archivePrefix": "arXiv"}
    if doi:
        fields["doi"] = doi[1]
    if isbn:
        fields["isbn"] = isbn[1]
    where = DOI.sub("", ARXIV.sub("", ISBN.sub("", rest))).strip(" ,;.")
    if where:
        fields["howpublished"] = where
    return _block("book" if isbn else "misc", _key(authors[0] if authors else "", year, title, known), fields)


def _key(author: str, year: str, title: str, known: dict[str, int]) -> str:
    words = [word for word in re.findall(r"[A-Za-z]+", title) if word.lower() not in SMALL]
    name = re.sub(r"[^A-Za-z]", "", author.split()[-1] if author.split() else "anonymous").lower()
    key = f"{name}{year}{words[0].lower() if words else ''}"
    known[key] = known.get(key, 0) + 1
    return key if known[key] == 1 else f"{key}{known[key]}"


def _block(kind: str, key: str, fields: dict[str, str]) -> str:
    rows = ",\n".join(f"  {name} = {{{_escaped(value)}}}" for name, value in fields.items() if value)
    return f"@{kind}{{{key},\n{rows}\n}}"


def _escaped(text: str) -> str:
    """Text as BibTeX takes it: what TeX reads as its own is marked, and a dollar's mathematics stay."""
    return re.sub(r"(?<!\\)([&%#_])", r"\\\1", text)
