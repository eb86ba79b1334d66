"""What a sweep tries: ranges and choices of settings, as they are written on the command line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulacra.core.errors import BadInput
from simulacra.core.setting import Setting

EXAMPLE = "--over rate=log(1e-4,1e-2), --over width=16,32,64 or --over steps=from(200,800)"
RANGE = re.compile(r"^(log|from)\(([^,()]+),([^,()]+)\)$")


@dataclass(frozen=True)
class Over:
    """A setting, and what is tried of it.

    Args:
        name: of the setting.
        choices: its values; empty where it has a range.
        low: the least of a range.
        high: the greatest.
        log: whether each factor is as likely as another, rather than each difference.
        whole: whether the setting is a whole number.
    """

    name: str
    choices: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    whole: bool = False

    def suggest(self, trial: Any) -> Any:  # noqa: ANN401 - Optuna's trial; the setting's own type
        """The value that a trial is to take."""
        if self.choices:
            return trial.suggest_categorical(self.name, list(self.choices))
        if self.whole:
            return trial.suggest_int(self.name, int(self.low), int(self.high), log=self.log)
        return trial.suggest_float(self.name, self.low, self.high, log=self.log)

    def __str__(self) -> str:
        if self.choices:
            return ", ".join(map(str, self.choices))
        return f"{self.low:g} to {self.high:g}{', by factors' if self.log else ''}"


def over(text: str, settings: Sequence[Setting]) -> Over:
    """What is written behind --over.

    Args:
        text: "rate=log(1e-4,1e-2)", "width=16,32,64", "steps=from(200,800)".
        settings: of the study.

    Raises:
        BadInput: the study has no such setting, or the values are none of it.
    """
    name, equals, stated = text.partition("=")
    known: Mapping[str, Setting] = {s.option: s for s in settings} | {s.name: s for s in settings}
    if not equals or name not in known:
        have = ", ".join(s.option for s in settings)
        raise BadInput("--over names no setting of this study", text, f"it has {have}; for example {EXAMPLE}")
    setting = known[name]
    found = RANGE.match(stated.replace(" ", ""))
    if not found:
        if "(" in stated:
            raise BadInput("a range is written log(low,high) or from(low,high)", text, f"for example {EXAMPLE}")
        choices = tuple(setting.read(part.strip()) for part in stated.split(","))
        if len(set(choices)) < 2:
            raise BadInput("of one value there is nothing to choose", text, f"for example {EXAMPLE}")
        return Over(setting.name, choices)
    low, high = (setting.read(part) for part in found.groups()[1:])
    if isinstance(low, bool) or not isinstance(low, int | float) or not low < high or (found[1] == "log" and low <= 0):
        raise BadInput("this is no range of numbers from low to high", text, f"for example {EXAMPLE}")
    return Over(setting.name, (), float(low), float(high), found[1] == "log", isinstance(low, int))
