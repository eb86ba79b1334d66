"""What of a call can be changed: its arguments, the settings of what it was given, the words of a command line."""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np

from hint_doors import Door
from simulacra.core.errors import SimulacraError
from simulacra.core.samples import Samples

Place = tuple[str, ...]
PLAIN = (int, float, str, Path, tuple, np.integer, np.floating)
OPTIONS = {"as": "types", "types": "types", "n": "n", "o": "output"}
HOLLOW = re.compile(r"…|\.\.\.|\b[A-Z_]{3,}\b|^(?:them|these|it)$")
"""What stands for something that the reader must put in."""


def places(door: Door) -> dict[Place, Any]:
    """What may be changed, by name: arguments, and the settings of arguments and of the object itself."""
    found: dict[Place, Any] = {}
    owner = getattr(door.call, "__self__", None)
    for name, value in (("", owner), *door.given.items()):
        if name:
            found[name,] = value
        if dataclasses.is_dataclass(value) and not isinstance(value, type | Samples):
            for field in dataclasses.fields(value):
                if field.init:
                    found[name, field.name] = getattr(value, field.name)
    return found


def put(door: Door, place: Place, value: Any) -> Door:  # noqa: ANN401 - any argument
    """The call with one thing changed. A misfit shows when it is made."""
    if len(place) == 1:
        return dataclasses.replace(door, given={**door.given, place[0]: value})
    name, field = place
    if not name:
        owner = door.call.__self__  # type: ignore[attr-defined]
        method = door.call.__name__

        def late(*more: Any, **given: Any) -> object:  # noqa: ANN401
            return getattr(dataclasses.replace(owner, **{field: value}), method)(*more, **given)

        return dataclasses.replace(door, call=late)
    held = door.given[name]
    with contextlib.suppress(SimulacraError):
        return dataclasses.replace(door, given={**door.given, name: dataclasses.replace(held, **{field: value})})

    def changed(*more: Any, **given: Any) -> object:  # noqa: ANN401
        return door.call(*more, **{**given, name: dataclasses.replace(held, **{field: value})})

    return dataclasses.replace(door, call=changed)


def set_word(door: Door, option: str, value: str | None) -> Door:
    """The command line with an option set; with None, without its option."""
    words = list(door.words or ())
    head = "-" if len(option) == 1 else "--"
    flag = head + option
    words = [w for i, w in enumerate(words) if w != flag and not (i and words[i - 1] == flag)]
    words = [w for w in words if not w.startswith(flag + "=")]
    return dataclasses.replace(door, words=(*words, *([flag, value] if value is not None else [])))


def suspects(error: SimulacraError, door: Door) -> list[Place]:
    """The arguments that the error speaks of: named in it, or given by their value."""
    said = f"{error.wrong} {error.given}"
    scored = []
    for place, value in places(door).items():
        if isinstance(value, bool) or not isinstance(
            value, int | float | str | Path | tuple | np.integer | np.floating
        ):
            continue
        name = place[-1]
        by_name = bool(re.search(rf"(?<!\w){re.escape(name)}(?!\w)|{re.escape(name.replace('_', ' '))}s?\b", said))
        by_value = bool(str(value)) and bool(
            re.search(rf"(?<![\w.]){re.escape(str(value))}(?![\w])", error.given) or repr(value) in said
        )
        if by_name or by_value:
            scored.append((2 * by_value + by_name, place))
    return [place for _, place in sorted(scored, key=lambda item: -item[0])]


def listed(error: SimulacraError) -> list[str]:
    """The names that an error lists, after a colon."""
    said = re.search(r"(?:columns|sheets|it has|arrays|there are|frame|: \S+)?: ([^:;()]+)$", error.given)
    return [name.strip(" '\"") for name in said[1].split(",")] if said else []


def like(before: object, value: object) -> object:
    """A whole number as a real one where such stood before, a word as a path."""
    if isinstance(before, float) and isinstance(value, int):
        return float(value)
    if isinstance(before, tuple) and not isinstance(value, tuple):
        return (value,)
    return Path(value) if isinstance(before, Path) and isinstance(value, str) else value


def literal(text: str, door: Door) -> tuple[Any, bool]:
    """The value at the beginning of a text, and whether there is one."""
    text = text[:80]
    for end in range(len(text), 0, -1):
        if end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
            continue
        part = text[:end].strip().rstrip(",;.")
        if not part or HOLLOW.search(part):
            continue
        try:
            return ast.literal_eval(part), True
        except (ValueError, SyntaxError, MemoryError, TypeError):
            pass
        made = re.fullmatch(r"([A-Z]\w+)\(([^()]*)\)", part)
        if made and callable(door.known.get(made[1])):
            try:
                given = {k: ast.literal_eval(v) for k, v in re.findall(r"(\w+)=([^,]+)", made[2])}
                return door.known[made[1]](**given), True
            except (ValueError, SyntaxError, TypeError):
                pass
    word = re.match(r"[^\s,;()'\"\[\]{}…]+", text)
    return (word[0], True) if word and not HOLLOW.search(word[0]) else (None, False)


def typed(before: object, value: str) -> Any:  # noqa: ANN401 - as the setting is
    """A word as a value of the setting's type."""
    if isinstance(before, tuple):
        return tuple(value.split(",")) if "=" not in value else (value,)
    if isinstance(before, Path):
        return Path(value)
    if isinstance(before, str):
        return value
    try:
        return ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return value


def named(option: str, door: Door) -> Place | None:
    name = OPTIONS.get(option, option.replace("-", "_"))
    return next((place for place in sorted(places(door), key=len) if place[-1] == name), None)


def as_word(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return []
