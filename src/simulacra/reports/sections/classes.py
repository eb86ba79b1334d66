"""What an independent classifier sees in the pictures of a run: its score on truth, and the classes of each set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulacra.core.verdict import LEVEL
from simulacra.reports.sections.base import Page, Part

OF = "classes in run.json"
PLACE = 70
Record = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """One set, as the classifier sees it.

    Args:
        who: the set's name.
        shares: of each class, in words.
        chance: p that the shares are truth's; empty for truth.
        agreement: with the class that was asked for, in words; empty where none was.
    """

    who: str
    shares: list[str]
    chance: str
    agreement: str


@dataclass(frozen=True)
class Seen:
    """The classes on a page.

    Args:
        text: sentences.
        labels: of the classes.
        lines: truth, the model, and the baselines.
        asked: for each class asked of the model, what was seen: (label, share of each); empty where none was asked.
    """

    text: list[str]
    labels: list[str]
    lines: list[Line]
    asked: list[tuple[str, list[str]]]


def section(page: Page) -> Part | None:
    """What the classifier saw; None where none looked."""
    found = seen_in(page.record)
    return Part("classes.html", {"classes": found}) if found else None


def seen_in(record: Record) -> Seen | None:
    """What to show of the classes; None where no classifier looked."""
    found = record.get("classes")
    if not isinstance(found, Mapping):
        return None
    labels = [str(label) for label in found["labels"]]
    total = [sum(column) for column in zip(*found["truth"], strict=True)]
    n = int(found["n"])
    lines = [
        Line("truth", [_percent(k / n) for k in total], "", f"{_percent(found['score'])} ({_ends(found['interval'])})")
    ]
    for who, seen in found["sets"].items():
        stated = f"{_percent(seen['agreement'])} ({_ends(seen['interval'])})" if seen["agreement"] is not None else ""
        lines.append(
            Line(str(who), [_percent(share) for share in seen["shares"]], _chance(seen["p"]).removeprefix("= "), stated)
        )
    rows = found["sets"].get("model", {}).get("asked") or []
    asked = [
        (label, [_percent(k / max(1, sum(row))) for k in row]) for label, row in zip(labels, rows, strict=bool(rows))
    ]
    return Seen(sentences(record), labels, lines, asked)


def sentences(record: Record) -> list[str]:
    """The classifier's score, and whether the model draws the classes that it is asked for."""
    found = record.get("classes")
    if not isinstance(found, Mapping):
        return []
    text = [
        f"An independent classifier, taught by {found['learned_from']} validation pictures alone, is right on "
        f"{_percent(found['score'])} ({_ends(found['interval'])}) of {found['n']} unseen true ones."
    ]
    model = found["sets"].get("model")
    if not model:
        return text
    if model["agreement"] is None:
        other = "others than" if model["p"] <= LEVEL else "not distinguished from"
        return [
            *text,
            f"The shares of classes that it sees in the model's are {other} truth's (p {_chance(model['p'])}).",
        ]
    low, high = model["difference_interval"]
    holds = "within" if model["word"] == "within" else "not within"
    return [
        *text,
        f"In the model's it sees the class that was asked for in {_percent(model['agreement'])}: "
        f"{_points(model['difference'])} points ({_points(low)} to {_points(high)}), "
        f"{holds} {100 * found['margin']:.0f} points of its score.",
    ]


def _chance(p: float) -> str:
    return f"= {p:.2g}" if p >= 0.001 else "< 0.001"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _points(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", "−")


def _ends(interval: tuple[float, float]) -> str:
    return f"{100 * interval[0]:.1f} to {100 * interval[1]:.1f}"
