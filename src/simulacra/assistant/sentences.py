"""Where the sentences of a text begin and end; the text itself is never changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple


class Span(NamedTuple):
    """A piece of a text: from `start` up to `end`, in characters."""

    start: int
    end: int


LONGEST = 700
"""Characters of a sentence; what is longer is cut at a semicolon, a comma or a space."""

_SHORT = frozenset(
    [
        "al",
        "approx",
        "ca",
        "cf",
        "ch",
        "chap",
        "col",
        "dept",
        "dr",
        "ed",
        "eds",
        "e.g",
        "eq",
        "eqs",
        "eqn",
        "etc",
        "ex",
        "fig",
        "figs",
        "gen",
        "i.e",
        "inc",
        "jr",
        "lt",
        "ltd",
        "mr",
        "mrs",
        "ms",
        "mt",
        "no",
        "nos",
        "p",
        "pp",
        "ph.d",
        "prof",
        "ref",
        "refs",
        "resp",
        "sec",
        "sect",
        "sr",
        "st",
        "tab",
        "u.s",
        "u.k",
        "vol",
        "vols",
        "vs",
        "viz",
        "w.r.t",
        "a.k.a",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "nov",
        "dec",
    ]
)
"""What ends with a point and ends no sentence."""

_END = re.compile(r"[.!?]+[\"'”’)\]*_`]*(?=\s)|[。！？]|\barXiv:\d{4}\.\d{4,5}(?=\n)")
_LINE = re.compile(
    r"^[ \t]*(?:[-*+•] |\d{1,3}[.)] |#{1,6} |\||>|\\(?:section|subsection|item|begin|end|chapter)\b|@\w+\{)"
)
_HEAD = re.compile(r"^[ \t]*(?:#{1,6} |\\(?:section|subsection|chapter)\b|\|)")
_RULE = re.compile(r"^[ \t]*(?:[-=*_~`|:]{3,}|<!--.*-->|[|:\- ]{3,})[ \t]*\w{0,12}$")


def sentences(text: str) -> list[Span]:
    """The sentences of a text, in order, without the white space around them.

    Blank lines, headings, list items and table rows end one; so do points, but not those of abbreviations, initials
    and numbers.

    >>> text = "Spins flip. By Eq. 3, e.g. at T = 2.3, they do."
    >>> [text[a:b] for a, b in sentences(text)]
    ['Spins flip.', 'By Eq. 3, e.g. at T = 2.3, they do.']
    """
    found: list[Span] = []
    for block in blocks(text):
        row = text[block.start] == "|"  # a row of a table says nothing in pieces
        for span in [block] if row else _within(text, block):
            found.extend(_cut(text, span))
    return found


def blocks(text: str) -> Iterator[Span]:
    """Pieces of a text that no sentence crosses: paragraphs, headings, list items, rows of tables."""
    start, at, head = None, 0, False
    for line in text.splitlines(keepends=True):
        blank = not line.strip() or _RULE.match(line)
        if start is not None and (blank or head or _LINE.match(line)):
            yield from _trim(text, start, at)
            start = None
        if start is None and not blank:
            start = at
        head = bool(_HEAD.match(line))
        at += len(line)
    if start is not None:
        yield from _trim(text, start, at)


_MARK = re.compile(r"\s*(?:(?:[-*+•>]|\d{1,3}[.)])\s+|[rR]?\"\"\"|Args:|References:|Raises:)*\s*")


def _trim(text: str, start: int, end: int) -> Iterator[Span]:
    """Without the white space around it and the marks of a list before it."""
    piece = text[start:end]
    mark = _MARK.match(piece)
    left, right = mark.end() if mark else 0, len(piece.rstrip().removesuffix('"""').rstrip())
    if left < right:
        yield Span(start + left, start + right)


def _within(text: str, block: Span) -> Iterator[Span]:
    start = block.start
    for point in _END.finditer(text, block.start, block.end):
        if _ends(text, point, block.end):
            yield from _trim(text, start, point.end())
            start = point.end()
    yield from _trim(text, start, block.end)


def _ends(text: str, point: re.Match[str], end: int) -> bool:
    """Whether this point ends a sentence."""
    if point[0][0] in "!?。！？a":
        return True
    before = text[max(0, point.start() - 20) : point.start()].rsplit(None, 1)
    word = before[-1].lstrip("([\"'*_").lower() if before else ""
    after = text[point.end() : min(end, point.end() + 40)].lstrip()
    if not after:
        return True
    if word in _SHORT or (len(word) == 1 and word.isalpha() and word not in "i"):
        return False
    if word.isdigit() and point.start() - len(word) in (0, text.rfind("\n", 0, point.start()) + 1):
        return False  # "3. " at the beginning of a line numbers what follows
    return not after[0].islower()


def _cut(text: str, span: Span) -> Iterator[Span]:
    start, end = span
    while end - start > LONGEST:
        piece = text[start : start + LONGEST]
        at = max(piece.rfind(sign) + len(sign) for sign in ("; ", ";\n")) if ";" in piece[LONGEST // 3 :] else 0
        at = at if at > LONGEST // 3 else max(piece.rfind(" "), piece.rfind("\n")) + 1
        at = at if at > LONGEST // 3 else LONGEST
        yield from _trim(text, start, start + at)
        start += at
    yield from _trim(text, start, end)
