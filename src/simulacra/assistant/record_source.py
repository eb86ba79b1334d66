"""The place of a value in a run's record: the very bytes of the JSON file that hold it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from simulacra.assistant.answers import Source
from simulacra.assistant.documents import digest
from simulacra.core.errors import BadRun
from simulacra.runs import Run

_DECODER = json.JSONDecoder()


def place(text: str, keys: Sequence[str], at: int = 0) -> tuple[int, int] | None:
    """Where in a JSON text the entry under some keys stands: from its key's quotation mark to its value's end.

    >>> text = '{"a": {"b": 1.5, "c": [1, 2]}}'
    >>> a, b = place(text, ["a", "c"])
    >>> text[a:b]
    '"c": [1, 2]'
    """
    for start, key, value, end in _members(text, at):
        if key == keys[0]:
            return (start, end) if len(keys) == 1 else place(text, keys[1:], value)
    return None


def _members(text: str, at: int) -> Iterator[tuple[int, str, int, int]]:
    """Of the object that begins at a place: where each key begins, the key, where its value begins and ends."""
    at = _blank(text, at)
    if at >= len(text) or text[at] != "{":
        return
    at = _blank(text, at + 1)
    while at < len(text) and text[at] != "}":
        key, after = _DECODER.raw_decode(text, at)
        value = _blank(text, _blank(text, after) + 1)
        _, end = _DECODER.raw_decode(text, value)
        yield at, key, value, end
        at = _blank(text, end)
        if text[at : at + 1] == ",":
            at = _blank(text, at + 1)


def _blank(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


@dataclass
class Record:
    """A run with its files read once: what is computed and what is cited come from the same bytes.

    Args:
        run: whose.
    """

    run: Run
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Of the folder."""
        return self.run.folder.resolve().name

    @cached_property
    def told(self) -> dict[str, Any]:
        """run.json."""
        return self.run.record

    @cached_property
    def verdicts(self) -> dict[str, dict[str, Any]]:
        """The verdicts on the model by judge, as verdicts.json has them; none where it is broken or not there."""
        try:
            return {judge: verdict.to_dict() for judge, verdict in self.run.verdicts.items()}
        except BadRun:
            return {}

    @cached_property
    def usable(self) -> dict[str, dict[str, Any]]:
        """How many samples may be used, by judge."""
        try:
            return self.run.usable
        except BadRun:
            return {}

    def source(self, file: str, *keys: str) -> Source | None:
        """The entry under some keys of run.json or verdicts.json; None where it is not there."""
        if file not in self.texts:
            data = (self.run.folder / file).read_bytes()
            self.texts[file] = (data.decode("utf-8"), digest(data))
        text, hashed = self.texts[file]
        found = place(text, keys)
        if found is None:
            return None
        start, end = found
        path = str(Path(self.run.folder / file).resolve())
        line = text.count("\n", 0, start) + 1
        return Source(path, f"line {line}", " / ".join(keys), text[start:end], start, end, hashed, self.name, "utf-8")

    def sources(self, *wanted: tuple[str, ...]) -> tuple[Source, ...]:
        """Those of several entries that are there; a file and keys each."""
        return tuple(s for file, *keys in wanted if (s := self.source(file, *keys)) is not None)
