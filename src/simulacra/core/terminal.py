"""What goes to a terminal: text alone, and no sign that steers it, whoever wrote it into a run's files."""

from __future__ import annotations

import re

STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def plain_text(text: str) -> str:
    r"""A text of one or more lines; signs that steer a terminal, or turn the order of letters, are spelled out.

    >>> plain_text("a\x1b[31mb\nc")
    'a\\x1b[31mb\nc'
    """
    return STEERING.sub(lambda found: _spelled(found[0]), text)


def plain_line(text: str) -> str:
    r"""The same on one line.

    >>> plain_line("a\nb")
    'a\\nb'
    """
    return plain_text(text).replace("\n", "\\n").replace("\t", " ")


def plain_json(text: str) -> str:
    """JSON whose texts hold no such sign as it is, and which says the same."""
    return STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _spelled(sign: str) -> str:
    code = ord(sign)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
