"""Write a run's report anew, from its folder alone."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """A run."""
    parser.add_argument("run", metavar="RUN", help="a run folder, its name under runs/, or last")


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """Where the report lies."""
    from simulacra.core.errors import BadRun
    from simulacra.reports.page import write_report
    from simulacra.reports.sentence import summary
    from simulacra.runs import find

    run = find(asked.run)
    if (run.folder / "card.json").exists():
        raise BadRun("a model that was shipped has a card and no report", run.name, f"read {run.folder / 'card.md'}")
    try:
        path = write_report(run)
    except OSError as error:
        raise BadRun(
            "the report cannot be written", f"{run.folder}: {error.strerror}", "copy the run to a place of your own"
        ) from error
    scored = {"molecules": run.record["molecules"]} if "molecules" in run.record else {}
    return {
        "run": str(run.folder),
        "report": str(path),
        "summary": summary(run),
        "changed": run.doubts(),
        **scored,
    }


def words(stated: dict[str, Any]) -> str:
    """The three lines and the path."""
    changed = [f"warning: {line}" for line in stated["changed"]]
    return "\n".join([*changed, *stated["summary"], f"report  {stated['report']}"])
