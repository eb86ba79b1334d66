"""One thing on a shelf, whole: what it is, its settings and their defaults."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from simulacra.core.errors import BadShelf
from simulacra.core.shelf import Entry, shelf

ROOMS = ("studies", "models", "sources", "statistics", "baselines", "forecasters", "samplers", "networks", "views")


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """A name."""
    parser.add_argument(
        "name", metavar="STUDY", help="a study; or a model, source, statistic, baseline, network or view"
    )


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """What its file says."""
    room, entry = find(asked.name)
    settings = [
        {"name": s.name, "type": s.type, "default": s.default, "needed": not s.has_default, "help": s.help}
        for s in entry.settings
    ]
    return {
        "name": entry.name,
        "room": room,
        "question": entry.question,
        "help": entry.help,
        "settings": settings,
        "file": str(entry.path),
    }


def find(name: str) -> tuple[str, Entry]:
    """The first shelf, studies first, that has it."""
    plain = name.replace("-", "_")
    for room in ROOMS:
        if plain in shelf(room).names():
            return room, shelf(room).entry(plain)
    everywhere = [known for room in ROOMS for known in shelf(room).names()]
    from difflib import get_close_matches

    near = get_close_matches(plain, everywhere, n=1)
    raise BadShelf(
        f"nothing is called {name!r}",
        name,
        f"did you mean {near[0]!r}?" if near else "simulacra list shows the studies",
    )


def words(told: dict[str, Any]) -> str:
    """The page of a manual."""
    lines = [f"{told['name']} ({told['room']})", told["question"], ""]
    body = told["help"].split("Args:")[0].strip()
    lines += [body, ""] if body else []
    if told["settings"]:
        lines.append("settings")
        wide = max(len(s["name"]) for s in told["settings"])
        for s in told["settings"]:
            default = "needed" if s["needed"] else str(s["default"])
            lines.append(f"  --{s['name'].replace('_', '-'):<{wide}}  {default:<12} {s['help']}")
    lines += ["", f"file  {told['file']}"]
    return "\n".join(lines)
