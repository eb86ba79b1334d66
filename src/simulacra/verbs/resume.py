"""Go on with a run that was stopped, from its last checkpoint to the same numbers."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from simulacra.core import computing
from simulacra.core.errors import BadRun, needs
from simulacra.core.lock import leave, standing
from simulacra.core.lock import take as hold
from simulacra.core.machine import machine, versions
from simulacra.core.progress import clock
from simulacra.core.shelf import shelf
from simulacra.core.terminal import plain_text
from simulacra.core.threads import take
from simulacra.reports.finished import answer_of, words
from simulacra.running.named import build, find

__all__ = ["answer", "arguments", "words"]


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """A run."""
    parser.add_argument("run", metavar="RUN", help="a run folder, its name under runs/, or last")
    parser.add_argument("--study", metavar="FILE", help="the file of your own study, if the run is of one")
    parser.add_argument(
        "--steal",
        "--force",
        action="store_true",
        help="go on although the process that made the run cannot be looked up: it ran elsewhere, and is silent",
    )
    parser.add_argument("--no-report", action="store_true", help="leave out the report")
    computing.add_options(parser, precision=False)


def answer(asked: argparse.Namespace) -> dict[str, Any]:
    """Build the study as the run's record names it, and carry it through."""
    needs("make")
    from simulacra.running.sharing import computed, shared

    with shared(asked.devices, asked.nodes, asked.study or "") as processes:
        means = {**computing.means_of(asked), "processes": processes}
        run = _resume(asked, lambda study, began: computed(study, {**began, **means}))
    return answer_of(run, report=not asked.no_report)


def _resume(asked: argparse.Namespace, computed: Callable[[Any, Mapping[str, Any]], Any]) -> Any:  # noqa: ANN401
    """From the record to the finished run."""
    from simulacra.runs import find as find_run

    run = find_run(asked.run)
    record = run.record
    if run.state == "running" and standing(run.folder) is None and not asked.steal:
        where = record["machine"].get("host", "an unknown machine")
        raise BadRun(
            "whether this run is still running cannot be looked up",
            f"{run.folder}, process {record['process']} on {where}; last written to {_silent(run.folder)} ago",
            f"wait for it, or stop it; if it is dead: simulacra resume {run.folder} --steal",
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
    for line in [*run.doubts(), *elsewhere(record)]:
        sys.stderr.write(plain_text(f"warning: {line}\n"))
    hold(run.folder, asked.steal)  # before the work of building: a second resume is refused at once
    try:
        entry = find(name)
        known = record["settings"]
        settings = {s.name: s.read(str(known[s.name])) for s in entry.settings if s.name in known}
        study = computed(build(name, settings, record["seed"]), record.get("computing") or {})
        take(record.get("threads"))
        return study.resume(run)
    finally:
        leave(run.folder)


def elsewhere(record: Mapping[str, Any]) -> list[str]:
    """In what this machine differs from the one that began a run, where the numbers may depend on it; a line each."""
    found = []
    here, began = machine(), record.get("machine") or {}
    threads = record.get("threads")
    if isinstance(threads, int) and threads > int(here["cores"] or 1):
        found.append(
            f"the run began with {threads} threads, and {here['cores']} cores are here: it goes on with as many, slowly"
        )
    if threads is None and record.get("seconds"):
        found.append("with how many threads the run began is not on record: with another number its numbers change")
    if began.get("system") and began["system"] != here["system"]:
        found.append(f"the run began on {began['system']}, and this is {here['system']}: the last digits may change")
    other = [
        f"{k} {v} → {now[k]}" for k, v in (record.get("versions") or {}).items() if (now := versions()).get(k, v) != v
    ]
    if other:
        found.append(f"the run began with other versions, and its numbers may change: {', '.join(other)}")
    return found


def _silent(folder: Path) -> str:
    """How long ago anything was written into a folder."""
    times = [path.stat().st_mtime for path in folder.rglob("*") if path.is_file()]
    return clock(max(0.0, time.time() - max(times, default=folder.stat().st_mtime)))
