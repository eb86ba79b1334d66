"""The conditions of a model: what the page asks for each, and what came back in its form."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from simulacra.core.errors import BadInput
from simulacra.runs import Run
from simulacra.studio.views import text

MOST = 64  # samples of a draw


@dataclass(frozen=True)
class Condition:
    """One condition of a model, as the page asks for it.

    Args:
        name: of the condition.
        unit: "1" if none.
        low: the least value of training; NaN where it is a choice.
        high: the largest.
        step: of a slider.
        choices: the values, where they are no numbers.
        free: whether it may be left out.
    """

    name: str
    unit: str
    low: float = math.nan
    high: float = math.nan
    step: float = 0.0
    choices: tuple[str, ...] = ()
    free: bool = False

    @classmethod
    def of(cls, name: str, values: list[Any], unit: str) -> Condition:
        """From the values that training had."""
        there = [value for value in values if value is not None]
        if all(isinstance(value, int | float) and not isinstance(value, bool) for value in there) and there:
            low, high = float(min(there)), float(max(there))
            step = 10.0 ** math.floor(math.log10((high - low) / 100)) if high > low else 1.0
            return cls(name, unit, low, high, step, free=None in values)
        return cls(name, unit, choices=tuple(map(str, there)), free=None in values)

    @property
    def middle(self) -> str:
        """Where the slider begins."""
        digits = max(0, -math.floor(math.log10(self.step))) if self.step else 0
        return f"{(self.low + self.high) / 2:.{digits}f}"


def conditions(run: Run) -> list[Condition]:
    """All conditions of a model."""
    about = run.model
    return [Condition.of(str(k), v, str(about["units"].get(k, "1"))) for k, v in about["conditions"].items()]


def of_form(run: Run, form: FormData, n: str = "16") -> tuple[list[str], str, str]:
    """Words for the command line, the seed, and how many; all checked before a process is asked.

    Args:
        run: whose conditions they are.
        form: as it came.
        n: how many where the form does not say.
    """
    known = conditions(run)
    given = {c.name: text(form, f"given_{c.name}").strip() for c in known}
    given = {name: value for name, value in given.items() if value and not text(form, f"free_{name}")}
    for condition in known:
        _check(condition, given.get(condition.name))
    seed = text(form, "seed").strip() or "0"
    n = text(form, "n").strip() or n
    if not (seed.isdecimal() and len(seed) <= 9 and n.isdecimal() and 1 <= int(n) <= MOST):
        wrong = f"one to {MOST} samples are drawn, with a whole number as the seed"
        raise BadInput(wrong, f"{n[:20]}, seed {seed[:20]}", "for example 16, with seed 0")
    return [f"--given-{_plain(name)}={value}" for name, value in given.items()], seed, n


def _plain(name: str) -> str:
    """A condition's name as `simulacra sample` takes it."""
    return "".join(c if c.isalnum() else "-" for c in name)


def _check(condition: Condition, value: str | None) -> None:
    """What was asked of a condition, before a process is asked."""
    if value is None:
        return
    if condition.choices and value not in condition.choices:
        raise BadInput(f"{condition.name} has no such value", value[:40], f"one of {', '.join(condition.choices)}")
    if not condition.choices:
        try:
            fine = math.isfinite(float(value)) and condition.low <= float(value) <= condition.high
        except ValueError:
            fine = False
        if not fine:
            raise BadInput(
                f"{condition.name} is outside of what training had",
                value[:40],
                f"a number from {condition.low:g} to {condition.high:g}",
            )
