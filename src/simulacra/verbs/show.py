"""One thing on a shelf, whole: what it is, its settings and their defaults; or the card of a shipped model."""

from __future__ import annotations

import argparse
import ast
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from simulacra.core.errors import BadShelf
from simulacra.core.hints import meant
from simulacra.core.shelf import SHIPPED, Entry, shelf, shipped

ROOMS = ("studies", "models", "sources", "statistics", "baselines", "forecasters", "samplers", "networks", "views")


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """A name."""
    parser.add_argument(
        "name",
        metavar="STUDY",
        help="a study; or a model, source, statistic, baseline, network or view; or a shipped model",
    )


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """What its file says; and the card of a shipped model of this name."""
    card = (SHIPPED / asked.name / "card.md").read_text(encoding="utf-8") if asked.name in shipped() else ""
    if card and not any(asked.name in shelf(room).names() for room in ROOMS):
        return {"name": asked.name, "room": "shipped", "card": card, "file": str(SHIPPED / asked.name / "card.md")}
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
        "example": example(entry.path),
        "file": str(entry.path),
        "card": card,
    }


def example(path: Path) -> str:
    """The source of the file's function `example`, without its docstring; empty where there is none."""
    text = path.read_text(encoding="utf-8")
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and node.name == "example":
            body = node.body[1 if ast.get_docstring(node) else 0 :]
            lines = text.splitlines()
            head = lines[node.lineno - 1 : node.body[0].lineno - 1]
            return "\n".join([*head, *lines[body[0].lineno - 1 : node.end_lineno]])
    return ""


def find(name: str) -> tuple[str, Entry]:
    """The first shelf, studies first, that has it."""
    plain = name.replace("-", "_")
    for room in ROOMS:
        if plain in shelf(room).names():
            return room, shelf(room).entry(plain)
    everywhere = [*(known for room in ROOMS for known in shelf(room).names()), *shipped()]
    near = meant(plain, everywhere, 0.7)
    raise BadShelf(
        f"nothing is called {name!r}",
        name,
        f"did you mean {near!r}?" if near else "simulacra list shows the studies",
    )


def words(stated: dict[str, Any]) -> str:
    """The page of a manual."""
    if stated["room"] == "shipped":
        return f"{stated['card']}\nfile  {stated['file']}"
    lines = [f"{stated['name']} ({stated['room']})", stated["question"], ""]
    body = stated["help"].split("Args:")[0].strip()
    lines += [body, ""] if body else []
    if stated["settings"]:
        lines.append("settings")
        wide = max(len(s["name"]) for s in stated["settings"])
        for s in stated["settings"]:
            default = "needed" if s["needed"] else str(s["default"])
            lines.append(f"  --{s['name'].replace('_', '-'):<{wide}}  {default:<12} {s['help']}")
    lines += ["", "example", *(f"  {line}" for line in stated["example"].splitlines())] if stated["example"] else []
    lines += ["", f"file  {stated['file']}"]
    if stated["card"]:
        lines += ["", "A trained model of this name comes with the package:", "", stated["card"].rstrip()]
    return "\n".join(lines)
