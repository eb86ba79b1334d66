"""Settings of things on shelves as options of a command."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from simulacra.core.setting import Setting
from simulacra.core.shelf import Entry, check_settings


def add_settings(parser: argparse.ArgumentParser, title: str, settings: Sequence[Setting]) -> None:
    """An option for each setting of a thing on a shelf."""
    group = parser.add_argument_group(title)
    for setting in settings:
        stated = f"{setting.help} " if setting.help else ""
        default = f"(default: {setting.default})" if setting.has_default else "(needed)"
        group.add_argument(
            f"--{setting.option}",
            dest=f"set_{setting.name}",
            metavar=setting.type.split(" ")[0].upper().split("[")[0],
            help=(stated + default).replace("%", "%%"),
        )


def read_settings(entry: Entry, asked: argparse.Namespace) -> dict[str, Any]:
    """All settings of a thing, as they were asked for or by default."""
    given = {s.name: s.read(text) for s in entry.settings if (text := getattr(asked, f"set_{s.name}")) is not None}
    return check_settings(entry, given)


def named(words: Sequence[str], flags: Sequence[str]) -> str | None:
    """The first word that is neither an option nor an option's value; `flags` are the options without a value."""
    bare = (*flags, "-h", "--help")
    for before, word in zip(["", *words], words, strict=False):
        if not word.startswith("-") and (not before.startswith("-") or before in bare or "=" in before):
            return word
    return None
