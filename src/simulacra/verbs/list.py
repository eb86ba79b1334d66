"""What is on the shelves: studies, models, sources, statistics …; or the runs made so far."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from simulacra.core.shelf import SHIPPED, shelf, shipped
from simulacra.core.terminal import plain_line

SMALL = 2**23  # bytes: larger files (weights) are not read for a list
ROOMS = (
    "studies", "models", "sources", "statistics", "baselines", "forecasters", "samplers", "networks", "views", "kinds"
)  # fmt: skip


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """A room, or --runs."""
    parser.add_argument(
        "room", nargs="?", default="studies", choices=(*ROOMS, "shipped"), help="which shelf (default: studies)"
    )
    parser.add_argument(
        "--runs", metavar="DIR", nargs="?", const="runs", help="the runs in a folder instead (default: runs)"
    )


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """Names with a line each."""
    if asked.runs is not None:
        return {"runs": _runs(asked.runs)}
    if asked.room == "shipped":
        return {"room": "shipped", "entries": _shipped()}
    entries = shelf(asked.room).entries()
    return {"room": asked.room, "entries": [{"name": e.name, "says": e.question, "error": e.error} for e in entries]}


def _shipped() -> list[dict[str, Any]]:
    from simulacra.core.files import read_json

    cards = [read_json(SHIPPED / name / "card.json") for name in shipped()]
    return [{"name": card["name"], "says": card["title"], "error": None} for card in cards]


def _runs(root: str) -> list[dict[str, Any]]:
    from pathlib import Path

    from simulacra.core.errors import BadInput, SimulacraError
    from simulacra.runs import Run, every

    if not Path(root).is_dir():
        raise BadInput(
            "there is no such folder of runs", root, "name it with --runs DIR; `simulacra run STUDY` makes one"
        )
    rows = []
    for run in every(root):
        try:
            rows.append(_row(run))
        except (SimulacraError, OSError):  # it went while we looked, or is broken in a way that is said below
            continue
    readable = {row["name"] for row in rows}
    for path in sorted(Path(root).glob("*/run.json")):
        if path.parent.name not in readable:
            try:
                _row(Run(path.parent))
            except (SimulacraError, OSError) as broken:
                if path.exists():
                    said = broken.given if isinstance(broken, SimulacraError) else broken
                    rows.append({"name": path.parent.name, "state": "broken", "verdicts": [], "error": str(said)})
    return rows


def _row(run: Any) -> dict[str, Any]:  # noqa: ANN401 - a Run
    """What is said of one run."""
    from simulacra.core.errors import SimulacraError

    record, error = run.record, None
    try:
        words = [verdict.word for verdict in run.verdicts.values()]
    except SimulacraError as broken:
        words, error = [], str(broken.given)
    return {
        "name": run.name,
        "state": run.state,
        "study": record["study"],
        "seconds": record["seconds"],
        "verdicts": words,
        "error": error,
        "changed": run.broken_seals(SMALL),
    }


def _said(row: dict[str, Any]) -> str:
    """A run's verdicts by word, or its error; and which of its files have changed since it was done."""
    found = row["error"] or ", ".join(f"{row['verdicts'].count(w)} {w}" for w in dict.fromkeys(row["verdicts"]))
    return found + (f"  ({', '.join(row['changed'])} since it was done)" if row.get("changed") else "")


def words(stated: dict[str, Any]) -> str:
    """A table."""
    if "runs" in stated:
        rows = [(plain_line(r["name"]), r["state"], plain_line(_said(r))) for r in stated["runs"]]
        if not rows:
            return "no runs here yet"
        wide = max(len(name) for name, *_ in rows)
        return "\n".join(f"{name:<{wide}}  {state:<11}  {verdicts}".rstrip() for name, state, verdicts in rows)
    entries = stated["entries"]
    wide = max((len(e["name"]) for e in entries), default=0)
    lines = [f"{e['name']:<{wide}}  {e['says'] if not e['error'] else 'BROKEN: ' + e['error']}" for e in entries]
    if stated["room"] == "shipped":
        return "\n".join(
            [*lines, "", "simulacra show NAME shows its card; simulacra sample NAME -o FILE draws from it"]
        )
    more = [
        "",
        "simulacra show NAME shows its settings"
        + ("; simulacra run NAME runs it" if stated["room"] == "studies" else ""),
    ]
    return "\n".join(lines + more)
