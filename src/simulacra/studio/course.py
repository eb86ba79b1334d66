"""The course of a training, from metrics.jsonl: losses, looks, how far it is and how long it will take."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulacra.core.progress import clock
from simulacra.runs import Run

Rows = Sequence[Mapping[str, Any]]
STEPS = re.compile(r"\bsteps=(\d+)")
LINES = 8  # parts of the loss that are drawn; a study has seldom more


@dataclass(frozen=True)
class Course:
    """What the lines of a run's log say.

    Args:
        losses: points (step, value) of each part of the loss, in training.
        score: points of the looks on validation: how far from truth, lower is better.
        step: the last one.
        steps: of the whole training; 0 where it is not known.
        left: in words; empty where it is not known.
        looked: what the last look said, in words.
    """

    losses: dict[str, list[tuple[float, float]]]
    score: list[tuple[float, float]]
    step: int
    steps: int
    left: str
    looked: str

    @property
    def share(self) -> float:
        """How far it is, 0 to 1."""
        return min(1.0, self.step / self.steps) if self.steps else 0.0


def course(run: Run) -> Course:
    """The course of a run as far as it has come."""
    return course_of(run.metrics, total(run.record))


def total(record: Mapping[str, Any]) -> int:
    """The steps of a whole training, as its study describes its budget; 0 where it says none."""
    describes = record.get("describes")
    budget = describes.get("budget") if isinstance(describes, Mapping) else None
    found = STEPS.search(str(budget)) if budget else None
    return int(found[1]) if found else 0


def course_of(rows: Rows, steps: int) -> Course:
    """The course that these lines tell."""
    losses: dict[str, list[tuple[float, float]]] = {}
    score: list[tuple[float, float]] = []
    times: list[tuple[int, float]] = []
    looked = ""
    for row in rows:
        step = row.get("step")
        if not isinstance(step, int):
            continue
        for name, value in _numbers(row.get("losses")).items():
            losses.setdefault(name, []).append((float(step), value))
        look = row.get("look")
        if isinstance(look, Mapping) and isinstance(look.get("score"), int | float):
            score.append((float(step), float(look["score"])))
            looked = words_of(look, step)
        if isinstance(row.get("seconds"), int | float):
            times.append((step, float(row["seconds"])))
    last = max((int(row["step"]) for row in rows if isinstance(row.get("step"), int)), default=0)
    return Course(dict(list(losses.items())[:LINES]), score, last, steps, _left(times, steps), looked)


def words_of(look: Mapping[str, Any], step: int) -> str:
    """A look on validation, in a sentence."""
    told = [str(name) for name in look.get("told") or ()]
    n = len(_numbers(look.get("ratio")))
    said = f"{len(told)} of {n} judges distinguish the model from the validation part" if n else "it was looked at"
    names = f" ({', '.join(told)})" if told else ""
    return f"At step {step:,} {said}{names}; score {float(look['score']):.3g}, where truth itself has about 1."


def _left(times: Sequence[tuple[int, float]], steps: int) -> str:
    """Time left, by the pace of the last part of the log."""
    if len(times) < 2 or not steps or times[-1][0] >= steps:
        return ""
    early, late = times[max(0, len(times) - 20)], times[-1]
    if late[0] <= early[0] or late[1] <= early[1]:
        return ""
    return clock((steps - late[0]) * (late[1] - early[1]) / (late[0] - early[0]))


def _numbers(found: object) -> dict[str, float]:
    if not isinstance(found, Mapping):
        return {}
    return {str(k): float(v) for k, v in found.items() if isinstance(v, int | float) and not isinstance(v, bool)}
