"""A run carried from its first stage to its end: what each stage cost, and how it ended, whatever ended it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from simulacra.core.ending import ending
from simulacra.core.errors import BadRun
from simulacra.core.lock import take
from simulacra.runs import Run

Stage = Callable[[str], AbstractContextManager[None]]
"""`with stage("train"):` adds what the block took to the run's record."""


def carry_through(run: Run, stages: Callable[[Run, Stage], None]) -> Run:
    """Run all stages; the record says how it ended: done, interrupted by hand, or failed and why.

    Args:
        run: in state *running*.
        stages: the work, in stages whose cost is recorded.
    """
    began, before = time.monotonic(), float(run.record["seconds"])
    again = f"simulacra resume {run.folder}"
    with ending(run, f"stopped by hand; go on with: {again}", again):
        try:
            stages(run, timed(run))
        except KeyboardInterrupt:
            run.update(seconds=before + time.monotonic() - began)
            raise
        run.update(seconds=before + time.monotonic() - began)
        run.close("done")
    return run


def reopen(run: Run, describes: Mapping[str, Any]) -> None:
    """Put a run that was stopped back in state *running*, if it was made by a study that describes itself so."""
    if run.state == "done":
        raise BadRun(
            "this run is done: there is nothing to resume", str(run.folder), "start a new one with simulacra run"
        )
    recorded = run.record.get("describes")
    if not isinstance(recorded, dict):
        raise BadRun(
            "the record of this run does not say what study it was made by", str(run.folder), "restore it, or run again"
        )
    if recorded != describes:
        changed = sorted(k for k, v in describes.items() if recorded.get(k) != v)
        raise BadRun(
            "this is not the study that the run was made with",
            f"changed: {', '.join(changed)}",
            "resume it with the version and settings that began it",
        )
    take(run.folder)
    run.update(state="running", why="", ended=None, process=os.getpid())


def timed(run: Run) -> Stage:
    """Stages whose seconds are added to the run's record, also where they end in an error."""
    cost: dict[str, float] = dict(run.record.get("cost", {}))

    @contextmanager
    def stage(name: str) -> Iterator[None]:
        start = time.monotonic()
        try:
            yield
        finally:
            cost[name] = cost.get(name, 0.0) + time.monotonic() - start
            run.update(cost=cost)

    return stage
