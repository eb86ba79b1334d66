"""Paths in settings: text is as good as a path."""

from __future__ import annotations

from pathlib import Path


def as_path(thing: object, *names: str) -> None:
    """Make paths of the text in these fields of a frozen dataclass; None stays."""
    for name in names:
        value = getattr(thing, name)
        if isinstance(value, str):
            object.__setattr__(thing, name, Path(value).expanduser())
