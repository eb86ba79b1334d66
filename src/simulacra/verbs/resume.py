"""Go on with a run that was stopped, from its last checkpoint to the same numbers."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from simulacra.core.errors import BadRun
from simulacra.core.shelf import shelf
from simulacra.core.threads import take
from simulacra.verbs.run import build, find, told, words

__all__ = ["answer", "arguments", "words"]


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """A run."""
    parser.add_argument("run", metavar="RUN", help="a run folder, its name under runs/, or last")
    parser.add_argument("--study", metavar="FILE", help="the file of your own study, if the run is of one")
    parser.add_argument("--no-report", action="store_true", help="leave out the report")


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """Build the study as the run's record names it, and carry it through."""
    from simulacra.runs import find as find_run

    run = find_run(asked.run)
    record = run.record
    if run.state == "running":
        raise BadRun(
            "this run is still running", f"{run.folder}, process {record['process']}", "wait for it, or stop it first"
        )
    if run.state == "done":
        raise BadRun(
            "this run is done: there is nothing to resume", str(run.folder), "start a new one with simulacra run"
        )
    if "files" in record:
        raise BadRun(
            "a run that judged samples from files is not resumed", str(run.folder), f"again: {record.get('command')}"
        )
    name = asked.study or record["study"]
    if asked.study is None and name not in shelf("studies").names():
        raise BadRun(
            "the study of this run is none of ours",
            f"{name}, in {record.get('file', 'an unknown file')}",
            "name its file with --study FILE",
        )
    entry = find(name)
    settings = {s.name: s.read(str(record["settings"][s.name])) for s in entry.settings if s.name in record["settings"]}
    study = build(name, settings, record["seed"])
    take(record.get("threads"))
    return told(study.resume(run), report=not asked.no_report)
