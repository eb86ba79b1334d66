"""A setting: one argument of a thing on a shelf, and how its value is read from the command line."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulacra.core.errors import BadInput


@dataclass(frozen=True)
class Setting:
    """One argument of a thing on a shelf.

    Args:
        name: of the argument.
        type: as it is written: "int", "Path | None", 'Literal["a", "b"]'.
        default: its literal default.
        has_default: whether there is one.
        help: its line in the docstring.
    """

    name: str
    type: str
    default: Any = None
    has_default: bool = True
    help: str = ""

    @property
    def choices(self) -> tuple[str | int, ...]:
        """The words that a Literal allows; empty for other types."""
        found = re.search(r"Literal\[(.*?)\]", self.type)
        return tuple(ast.literal_eval(f"({found[1]},)")) if found else ()

    def read(self, text: str) -> Any:  # noqa: ANN401 - whatever the setting's type is
        """A value from the command line."""
        kinds = [kind.strip() for kind in re.sub(r"Literal\[.*?\]", "str", self.type).split("|")]
        if "None" in kinds and text.lower() == "none":
            return None
        wanted = next(kind for kind in kinds if kind != "None")
        try:
            value: Any = _READERS[wanted](text)
        except (KeyError, ValueError, OverflowError) as error:
            example = _EXAMPLES.get(wanted, "") if self.default is None else self.default
            raise BadInput(
                f"--{self.option} takes {_WORDS.get(wanted, wanted)}",
                repr(text),
                f"for example --{self.option} {example}",
            ) from error
        if self.choices:
            words = {str(choice): choice for choice in self.choices}
            if value not in words:
                raise BadInput(f"--{self.option} has no choice {text!r}", text, f"one of {', '.join(words)}")
            return words[value]
        return value

    @property
    def option(self) -> str:
        """The name on the command line; a word that Python keeps for itself has a mark behind it: `from_`."""
        return self.name.rstrip("_").replace("_", "-")


def _truth(text: str) -> bool:
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if text.lower() not in words:
        raise ValueError(text)
    return words[text.lower()]


def _whole(text: str) -> int:
    if re.fullmatch(r"[+-]?[0-9_]+", text):
        return int(text)  # beyond 2**53 a float would miss it
    value = float(text.replace("_", ""))  # 1e4 is a whole number too
    if value != int(value):
        raise ValueError(text)
    return int(value)


_READERS: Mapping[str, Callable[[str], Any]] = {"int": _whole, "float": float, "str": str, "bool": _truth, "Path": Path}
_EXAMPLES = {"int": "8", "float": "0.5", "bool": "true"}
_WORDS = {"int": "a whole number", "float": "a number", "bool": "true or false", "Path": "a path"}
