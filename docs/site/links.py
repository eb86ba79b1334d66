"""Links of the site: those that lead out of docs/ lead to the page of the same thing; and which lead nowhere."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import shelves

LINK = re.compile(r"(?<!!)\[([^\]\[]*)\]\(([^)\s]+)\)")
ANY = re.compile(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def mended(text: str, page: str) -> str:
    """A page with its links to the log, the changes, notebooks and files of the package led to pages of the site."""
    here = posixpath.dirname(page)

    def one(found: re.Match[str]) -> str:
        words, target = found[1], found[2]
        address, mark, anchor = target.partition("#")
        if "://" in target or not address:
            return found[0]
        name = posixpath.normpath(posixpath.join(here, address))
        name = {"../LOG.md": "log.md", "../CHANGELOG.md": "changes.md", "../README.md": "index.md"}.get(name, name)
        name = {"LOG.md": "log.md", "README.md": "index.md", "CHANGELOG.md": "changes.md"}.get(name, name)
        name = re.sub(r"^docs/", "", name)
        name = re.sub(r"\.ipynb$", ".md", name)
        if name.startswith(("../", "src/", "tests/", "benchmarks/")):
            place = shelves.place_of(Path(name).name) if name.endswith(".py") else None
            return f"[{words}]({posixpath.relpath(place, here or '.')})" if place else words
        return f"[{words}]({posixpath.relpath(name, here or '.')}{mark}{anchor})"

    parts = re.split(r"(^```.*?^```)", text, flags=re.MULTILINE | re.DOTALL)
    return "".join(part if part.startswith("```") else LINK.sub(one, part) for part in parts)


def dead(pages: Mapping[str, str], files: Iterable[str]) -> list[str]:
    """Links that lead to no page and no file, as "page: link"."""
    known = set(pages) | set(files)
    found = []
    for page, text in pages.items():
        for link in ANY.finditer(FENCED.sub("", text)):
            target = link[1] or link[2]
            address = target.partition("#")[0]
            if not address or re.match(r"[a-z]+:", target):
                continue
            if posixpath.normpath(posixpath.join(posixpath.dirname(page), address)) not in known:
                found.append(f"{page}: {target}")
    return found
