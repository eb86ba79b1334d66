"""Lines of a text as editors and other programs count them."""

from __future__ import annotations

import io


def lines(text: str, ends: bool = False) -> list[str]:
    r"""The lines of a text: a line feed, a carriage return or both end one; no other sign does (U+2028, a form feed).

    Args:
        text: to be split.
        ends: whether each line keeps its end.

    >>> lines("a\u2028b\r\nc\rd\n")
    ['a\u2028b', 'c', 'd']
    """
    found = io.StringIO(text, newline="").readlines()
    return found if ends else [line.removesuffix("\n").removesuffix("\r") for line in found]
